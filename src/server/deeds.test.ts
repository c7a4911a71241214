import { expect, it } from "vitest";
import { fail } from "../errors.ts";
import type { ListedSilence } from "../ledger/silences.ts";
import { doDeed, type Asked, type DeedParts } from "./deeds.ts";

const asked = (deed: Asked["deed"]): Asked => ({
  kind: "deed",
  deed,
  alert: "ALR-000123",
  who: "alice (slack U1)",
  tell: async () => {},
});

const UNTIL = "2026-05-05T11:00:00.000Z";

/** Parts that note what is changed; `pages` are those of the active silences. */
function partsWith(pages: readonly (readonly Partial<ListedSilence>[])[] = [[]], error?: Error) {
  const changes: unknown[] = [];
  const parts = {
    commands: {
      change: async (...change: unknown[]) => {
        if (error) throw error;
        changes.push(change);
        return { id: "S-1", until: UNTIL };
      },
    },
    ledger: {
      getAlert: async () => ({ number: "ALR-000123", fingerprint: 'f"1' }),
      listSilences: async ({ cursor = "0" }: { cursor?: string | undefined }) => {
        const page = Number(cursor);
        return { items: pages[page], next: page + 1 < pages.length ? String(page + 1) : null };
      },
    },
  };
  return { parts: parts as unknown as DeedParts, changes };
}

const SILENCE = { kind: "silence", duration: 3_600_000 } as const;

it.each([
  [{ kind: "acknowledge" }, { status: "acknowledged" }, "is acknowledged."],
  [{ kind: "reopen" }, { status: "new" }, "is open again."],
  [
    { kind: "close", verdict: "true_positive" },
    { status: "closed", verdict: "true_positive" },
    "is closed as true positive.",
  ],
] as const)("%j changes the alert in the name of the person", async (deed, wish, said) => {
  const { parts, changes } = partsWith();
  expect(await doDeed(asked(deed), parts)).toEqual({ said: `ALR-000123 ${said}`, error: null });
  expect(changes).toEqual([["alerts", { ...wish, names: ["ALR-000123"] }, "alice (slack U1)"]]);
});

it("a silence is one of the alert's fingerprint, whatever is in it", async () => {
  const { parts, changes } = partsWith();
  const { said } = await doDeed(asked(SILENCE), parts);
  expect(said).toBe(`Alerts like ALR-000123 are silenced, by S-1 until ${UNTIL}.`);
  const wish = {
    match: String.raw`fingerprint: "f\"1"`,
    for: 3_600_000,
    comment: "Silenced with the button of ALR-000123.",
    at_end: "nothing",
  };
  expect(changes).toEqual([["silence.add", { wish }, "alice (slack U1)"]]);
});

it("a silence that lasts is found on whatever page, and not made again", async () => {
  const other = { id: "S-8", match: "*", until: null };
  const known = { id: "S-9", match: String.raw`fingerprint: "f\"1"`, until: UNTIL };
  const { parts, changes } = partsWith([[other], [], [other, known]]);
  const { said } = await doDeed(asked(SILENCE), parts);
  expect(said).toBe(`Alerts like ALR-000123 are silenced already, by S-9 until ${UNTIL}.`);
  expect(changes).toEqual([]);
});

it.each([
  [
    fail("CONFLICT", { component: "a", message: "it is closed", hint: "Reopen it first." }),
    "Nothing was done: it is closed. Reopen it first.",
  ],
  [fail("NOT_FOUND", { component: "a", message: "it is gone" }), "Nothing was done: it is gone."],
  [
    fail("INTERNAL", { component: "a", message: "row 7 of /data" }),
    "Nothing was done: something went wrong inside Tocsin.",
  ],
  [new RangeError("oops"), "Nothing was done: something went wrong inside Tocsin."],
])("what went wrong is said: %s", async (error, said) => {
  expect(await doDeed(asked({ kind: "acknowledge" }), partsWith([[]], error).parts)).toEqual({
    said,
    error,
  });
});
