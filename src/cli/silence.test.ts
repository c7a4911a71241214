import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { anEntry, NOON } from "../ledger/testing/folder.ts";
import { openDataBench, type DataBench } from "./testing/data.ts";

let bench: DataBench;
beforeEach(async () => void (bench = await openDataBench(NOON)));
afterEach(() => bench.close());

const WEB = ["--match", "host.name: web-*", "--for", "2h", "--comment", "patching"];
const add = (...argv: string[]) => bench.json("silence", "add", "--as", "ada", ...argv);
const idsOf = (list: { items: { id: string }[] }) => list.items.map(({ id }) => id);

async function receive(...severities: ("medium" | "high")[]): Promise<void> {
  await bench.data.receive(
    severities.map((severity, index) =>
      anEntry(`later:${index}`, { host: { name: "web-02" }, alert: { severity } }),
    ),
  );
  await bench.data.decide();
}

describe("a silence that is added", () => {
  it("holds back from then on", async () => {
    const { silence } = await add(...WEB);
    expect(silence).toMatchObject({
      id: "S-1",
      author: "ada",
      state: "active",
      until: "2026-05-04T14:00:00.000Z",
    });
    await receive("high", "medium");
    const shown = await bench.json("silence", "show", "S-1");
    expect(shown.debt).toMatchObject({ alerts: 2, severity: "high", open: 2 });
  });

  it("tells what it would have held back of the last day's alerts", async () => {
    expect((await add(...WEB)).preview).toEqual({ matched: 1, alerts: 3, complete: true });
    const { out } = await bench.run("silence", "add", ...WEB);
    expect(out).toContain("would have held back 1 of the 3 alerts of the last 24 h\n");
    expect(out).not.toContain("warning");
  });

  it("leaves out alerts that are older than a day, and those of Tocsin itself", async () => {
    await bench.data.receive([anEntry("own")], { source: "tocsin", kind: "tocsin" });
    await bench.data.decide();
    const all = ["silence", "add", "--match", "*", "--for", "2h", "--comment", "c", "--json"];
    const preview = async (now: number) =>
      JSON.parse((await bench.runWith({ now: () => now }, ...all)).out).preview;
    expect(await preview(NOON + 60_000)).toMatchObject({ matched: 3, alerts: 3 });
    expect(await preview(NOON + 86_400_001)).toMatchObject({ matched: 0, alerts: 0 });
  });

  it("warns when it fits every alert, and when it never ends", async () => {
    const all = ["silence", "add", "--match", "severity: *", "--comment", "all"];
    const { code, out } = await bench.run(...all);
    expect(code).toBe(0);
    expect(out).toContain("warning: its matcher fits every alert\n");
    expect(out).toContain("warning: it never ends\n");
    const ends = await bench.run(...all, "--for", "2h");
    expect(ends.out).not.toContain("never ends");
  });

  it("begins later, recurs, tells at its end and reminds where that is asked for", async () => {
    const later = await add(...WEB, "--from", "2026-05-05T00:00:00Z", "--remind", "1h");
    expect(later.silence).toMatchObject({ state: "scheduled", until: "2026-05-05T02:00:00.000Z" });
    expect(later.silence.remind).toBe(3_600_000);
    const nightly = ["--cron", "0 22 * * *", "--time-zone", "Europe/Berlin", "--at-end", "digest"];
    const { silence } = await add(...WEB, ...nightly);
    expect(silence).toMatchObject({ until: null, for: 7_200_000, at_end: "digest" });
    expect((await bench.run("silence", "show", "S-2")).out).toContain(
      "recurs      0 22 * * * (Europe/Berlin) for 2h each time\n",
    );
  });
});

it("silences are listed with what they hid, by state", async () => {
  await add(...WEB);
  await receive("high");
  await add("--match", "*", "--until", "2026-05-04T13:00:00Z", "--comment", "done");
  await bench.run("silence", "end", "S-2");
  const { code, out } = await bench.run("silence", "list");
  expect(code).toBe(0);
  expect(out).toMatch(/^ID +STATE +FROM +UNTIL +HID +HIGHEST +OPEN +TRUE +MATCH +WHY\n/);
  expect(out).toMatch(/\nS-2 +ended .* 0 +- +0 +0 +\* +done\n/);
  expect(out).toMatch(/\nS-1 +active .*14:00:00Z +1 +high +1 +0 +host\.name: web-\* +patching\n/);
  expect(idsOf(await bench.json("silence", "list", "--state", "active"))).toEqual(["S-1"]);
  expect(idsOf(await bench.json("silence", "list", "--state", "ended"))).toEqual(["S-2"]);
  expect((await bench.run("silence")).out).toBe(out);
});

it("a list goes on where its cursor says", async () => {
  for (let count = 0; count < 3; count += 1) await add(...WEB);
  const { out } = await bench.run("silence", "--limit", "2");
  const cursor = /\nmore: --cursor (\S+)\n$/.exec(out)?.[1] ?? "";
  expect(idsOf(await bench.json("silence", "--cursor", cursor))).toEqual(["S-1"]);
});

it("a silence is shown with the alerts that it held back, and says what became of them", async () => {
  await add(...WEB);
  await receive("high", "medium");
  await bench.run("alert", "close", "ALR-000005", "--verdict", "true_positive");
  const { out } = await bench.run("silence", "show", "s-1");
  expect(out).toMatch(/^S-1 {2}active {2}patching\n/);
  expect(out).toContain("2 alerts, the highest high: 1 open, 1 true, 1 without a verdict\n");
  expect(out).toMatch(/\nALR-000006 +medium +new +- +Odd login\nALR-000005 +high +closed +true_p/);
});

describe("a silence that is edited", () => {
  it("keeps what is not given", async () => {
    await add(...WEB);
    const { silence, preview } = await bench.json("silence", "edit", "S-1", "--for", "4h");
    expect(silence).toMatchObject({ until: "2026-05-04T16:00:00.000Z", comment: "patching" });
    expect(preview).toBeNull();
  });

  it("tells what a new matcher would have held back", async () => {
    await add(...WEB);
    const { out } = await bench.run("silence", "edit", "S-1", "--match", "*");
    expect(out).toContain("warning: its matcher fits every alert\n");
  });

  it("never ends or reminds any more when it says never", async () => {
    await add(...WEB, "--remind", "1h");
    const never = ["--until", "never", "--remind", "never"];
    const { silence } = await bench.json("silence", "edit", "S-1", ...never);
    expect(silence).toMatchObject({ until: null, remind: null });
  });
});

it("a silence is ended once", async () => {
  await add(...WEB);
  await receive("high");
  const { code, out } = await bench.run("silence", "end", "S-1");
  expect([code, out]).toEqual([
    0,
    "ended S-1; it hid 1 alert, the highest high: 1 open, 0 true, 1 without a verdict\n",
  ]);
  const again = await bench.run("silence", "end", "S-1");
  expect(again.code).toBe(1);
  expect(again.err).toContain("S-1 ended at 2026-05-04T12:00:00.000Z");
});

it("what people wrote cannot command the terminal", async () => {
  const evil = "\u001b[2Jcleared\u0007\u202e";
  await add("--match", `title: "${evil}"`, "--for", "2h", "--comment", evil);
  const list = await bench.run("silence");
  const show = await bench.run("silence", "show", "S-1");
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  for (const { out } of [list, show]) expect(out).not.toMatch(/[\u0007\u001b\u202e]/);
  expect(show.out).toContain("cleared");
});

it.each([
  [["add", "--comment", "c", "--for", "2h"], 64, "--match is missing"],
  [["add", "--match", "*", "--for", "2h"], 64, "--comment is missing"],
  [["add", ...WEB, "--match", "severity >="], 64, "--match: "],
  [["add", ...WEB, "--at-end", "party"], 64, "--at-end: "],
  [["add", ...WEB, "--time-zone", "Mars/Base"], 64, "--time-zone: "],
  [["add", ...WEB, "--from", "tomorrow"], 64, "--from: not a time"],
  [["add", ...WEB, "--until", "2026-05-05T00:00:00Z"], 2, "both say when it ends"],
  [["edit", "S-9", "--for", "2h"], 1, "there is no silence S-9"],
  [["edit", "S-9"], 64, "nothing to change"],
  [["end", "S-9"], 1, "there is no silence S-9"],
  [["show", "S-9"], 1, "there is no silence S-9"],
  [["list", "--state", "gone"], 64, "is invalid"],
  [["list", "--data", "nowhere"], 2, "there is no "],
])("silence %j fails with %i and a hint", async (argv, expected, message) => {
  const { code, out, err } = await bench.run("silence", ...argv);
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(err).toContain(message);
  expect(err).toMatch(/\n {2}hint: \S/);
});
