import { describe, expect, it } from "vitest";
import { TocsinError } from "../errors.ts";
import { editSilence, endSilence, newSilence } from "./operations.ts";
import { endsAt, silenceId, silenceNumber, type Silence } from "./silence.ts";
import { aSilence } from "./testing/silences.ts";
import { silenceChangeSchema, silenceWishSchema } from "./wish.ts";

const NOW = Date.parse("2026-03-04T10:00:00.000Z");
const HOUR = 3_600_000;
const iso = (time: number) => new Date(time).toISOString();
const making = { id: "S-7", author: "ada", now: NOW, origin: "store" } as const;

const wish = (body: object) =>
  silenceWishSchema.parse({ match: "host.name : web-1", comment: "patching", ...body });
const make = (body: object) => newSilence(wish(body), making);
const edit = (silence: Silence, body: object, now = NOW) =>
  editSilence(silence, silenceChangeSchema.parse(body), "bob", now);

function errorOf(run: () => unknown): TocsinError {
  try {
    run();
  } catch (error) {
    if (error instanceof TocsinError) return error;
    throw error;
  }
  return expect.fail("nothing was thrown");
}

describe("a new silence", () => {
  it("begins now and lasts as long as it was asked for", () => {
    expect(make({ for: "2h" })).toEqual({
      id: "S-7",
      version: 1,
      origin: "store",
      match: "host.name : web-1",
      from: iso(NOW),
      until: iso(NOW + 2 * HOUR),
      cron: null,
      for: null,
      time_zone: null,
      comment: "patching",
      author: "ada",
      at_end: "nothing",
      remind: null,
      created_at: iso(NOW),
      updated_at: iso(NOW),
      ended_at: null,
    });
  });

  it("lasts until a time, or for ever", () => {
    expect(make({ until: "2026-03-04T12:00:00+01:00" }).until).toBe("2026-03-04T11:00:00.000Z");
    expect(make({}).until).toBeNull();
  });

  it("begins later when it says so, and its length counts from there", () => {
    const later = make({ from: "2026-03-05T00:00:00Z", for: "90m" });
    expect([later.from, later.until]).toEqual([
      "2026-03-05T00:00:00.000Z",
      "2026-03-05T01:30:00.000Z",
    ]);
  });

  it("keeps the length of its windows when it recurs", () => {
    const recurring = make({ cron: "0 22 * * 2", for: "4h", time_zone: "Europe/Berlin" });
    expect(recurring).toMatchObject({ from: null, until: null, for: 4 * HOUR });
  });

  it.each([
    [{ for: "2h", until: "2026-03-05T00:00:00Z" }, "both say when it ends"],
    [{ until: "2026-03-04T10:00:00Z" }, "over already"],
    [{ from: "2026-03-06T00:00:00Z", until: "2026-03-05T00:00:00Z" }, "before it begins"],
    [{ time_zone: "Europe/Berlin" }, "silences that recur"],
    [{ cron: "0 22 * * 2" }, "begins only"],
    [{ cron: "0 * * * *", for: "1h" }, "before its window ends"],
    [{ remind: "1h" }, "there is none"],
    [{ for: "1h", remind: "1h" }, "as long as all of it"],
  ])("is refused with fields that do not go together: %j", (body, why) => {
    const error = errorOf(() => make(body));
    expect([error.code, error.message]).toEqual(["REQUEST_INVALID", expect.stringContaining(why)]);
    expect(error.hint).toMatch(/\S/);
  });

  it("may stay in the file when it is over", () => {
    const over = wish({ until: "2020-01-01T00:00:00Z" });
    expect(newSilence(over, { ...making, id: "old", origin: "file" })).toMatchObject({
      from: null,
      until: "2020-01-01T00:00:00.000Z",
    });
  });
});

describe("an edited silence", () => {
  it("is its next version, by whoever changed it; what was not named stays", () => {
    const silence = make({ for: "2h" });
    expect(edit(silence, { comment: "still patching" }, NOW + 60_000)).toEqual({
      ...silence,
      version: 2,
      comment: "still patching",
      author: "bob",
      updated_at: iso(NOW + 60_000),
    });
  });

  it("gets another length, counted from its beginning", () => {
    const longer = edit(make({ for: "2h" }), { for: "5h" }, NOW + HOUR);
    expect(longer.until).toBe(iso(NOW + 5 * HOUR));
    const windows = edit(make({ cron: "0 22 * * 2", for: "4h" }), { for: "5h" });
    expect([windows.for, windows.until]).toEqual([5 * HOUR, null]);
  });

  it("loses its end and its reminder when they are taken away", () => {
    const silence = make({ for: "2h", remind: "30m" });
    expect(edit(silence, { until: null, remind: null })).toMatchObject({
      until: null,
      remind: null,
    });
  });

  it.each([
    [{ until: "2026-03-04T09:00:00Z" }, "over already"],
    [{ until: null }, "there is none"],
    [{ cron: "0 22 * * 2", for: "4h" }, "does not recur"],
    [{ for: "1h", until: "2026-03-05T00:00:00Z" }, "both say when it ends"],
  ])("is refused with %j", (body, why) => {
    const error = errorOf(() => edit(make({ for: "2h", remind: "30m" }), body));
    expect([error.code, error.message]).toEqual(["REQUEST_INVALID", expect.stringContaining(why)]);
  });
});

describe("an ended silence", () => {
  it("ends at once, as its next version", () => {
    const ended = endSilence(make({ for: "2h" }), NOW + HOUR);
    expect([ended.version, ended.ended_at]).toEqual([2, iso(NOW + HOUR)]);
    expect(endsAt(ended)).toBe(NOW + HOUR);
  });

  const over: [string, Silence][] = [
    ["ended early", endSilence(make({ for: "2h" }), NOW + HOUR)],
    ["at its end", make({ for: "1h" })],
    ["from the file", aSilence({ id: "nights", origin: "file" })],
  ];
  it.each(over)("cannot be changed or ended again: %s", (_, silence) => {
    const errors = [
      errorOf(() => endSilence(silence, NOW + HOUR)),
      errorOf(() => edit(silence, { comment: "more" }, NOW + HOUR)),
    ];
    expect(errors.map(({ code }) => code)).toEqual(["CONFLICT", "CONFLICT"]);
    const hint = silence.origin === "file" ? "Change it there." : "Make a new one.";
    expect(errors.map((error) => error.hint)).toEqual([hint, hint]);
  });
});

describe("a body", () => {
  it.each([
    [{ match: "severity >=" }, "match", /at character/],
    [{ cron: "0 22 * *" }, "cron", /five fields/],
    [{ time_zone: "Berlin" }, "time_zone", /not a time zone — write/],
    [{ until: "tomorrow" }, "until", /not a time — write/],
    [{ for: "2 hours" }, "for", /not a duration/],
    [{ for: "10ms" }, "for", /a second at least/],
    [{ comment: "  " }, "comment", /./],
    [{ colour: "red" }, undefined, /colour/],
  ])("says where it is wrong: %j", (body, field, message) => {
    const result = silenceWishSchema.safeParse({ match: "*", comment: "c", ...body });
    const issue = result.error?.issues[0];
    expect([issue?.path[0], issue?.message]).toEqual([field, expect.stringMatching(message)]);
  });

  it("of a change is refused when it changes nothing", () => {
    expect(silenceChangeSchema.safeParse({}).success).toBe(false);
    expect(silenceChangeSchema.parse({ comment: "c" })).toEqual({ comment: "c" });
  });
});

describe("the id of a silence made by hand", () => {
  it("is read as it is written, in any case", () => {
    expect(silenceId(12)).toBe("S-12");
    expect(["S-12", "s-12", "S-0", "S-x", "nights"].map(silenceNumber)).toEqual([
      12,
      12,
      null,
      null,
      null,
    ]);
  });
});
