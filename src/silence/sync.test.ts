import { describe, expect, it } from "vitest";
import { syncSilences } from "./sync.ts";
import { aSilence } from "./testing/silences.ts";
import type { ConfiguredSilence } from "./wish.ts";

const NOW = Date.parse("2026-03-04T10:00:00.000Z");
const LATER = NOW + 60_000;
const nights: ConfiguredSilence = {
  name: "nights",
  match: "host.name : web-*",
  cron: "0 22 * * 2",
  for: 4 * 3_600_000,
  time_zone: "Europe/Berlin",
  comment: "patching",
  at_end: "digest",
};
const stored = syncSilences([nights], [], NOW).map(({ silence }) => silence);

/** What is written, as `id version comment`, with the moment at which it ended. */
const writes = (configured: readonly ConfiguredSilence[], known = stored, now = LATER) =>
  syncSilences(configured, known, now).map(({ silence }) => {
    const { id, version, comment, ended_at } = silence;
    return [id, version, comment, ended_at];
  });

describe("silences of the file", () => {
  it("are stored under their names when they are new", () => {
    expect(stored).toMatchObject([
      { id: "nights", version: 1, origin: "file", author: "configuration", cron: "0 22 * * 2" },
    ]);
  });

  it("are not written again while they stay the same", () => {
    expect(writes([nights])).toEqual([]);
    expect(writes([{ ...nights, from: undefined }])).toEqual([]);
  });

  it("are written as their next version when the file changed, however long they exist", () => {
    expect(writes([{ ...nights, comment: "rebooting" }])).toEqual([
      ["nights", 2, "rebooting", null],
    ]);
    const [changed] = syncSilences([{ ...nights, author: "ada" }], stored, LATER);
    expect(changed?.silence).toMatchObject({ author: "ada", created_at: stored[0]?.created_at });
  });

  it("end when the file has them no more, once", () => {
    const ended = new Date(LATER).toISOString();
    expect(writes([])).toEqual([["nights", 2, "patching", ended]]);
    const [gone] = syncSilences([], stored, LATER);
    expect(writes([], [gone!.silence], LATER + 60_000)).toEqual([]);
  });

  it("come back when the file has them again", () => {
    const [gone] = syncSilences([], stored, LATER);
    expect(writes([nights], [gone!.silence])).toEqual([["nights", 3, "patching", null]]);
  });

  it("leave those alone that were made by hand, but win over one of their name", () => {
    const byHand = aSilence({ id: "S-1" });
    expect(writes([nights], [...stored, byHand])).toEqual([]);
    const namesake = aSilence({ id: "nights", version: 4 });
    expect(writes([nights], [namesake])).toEqual([["nights", 5, "patching", null]]);
  });

  it("bring their timers", () => {
    const [gone] = syncSilences([], stored, LATER);
    expect(gone?.cells).toContainEqual({
      cell: { stage: "silence", key: "nights", value: {}, alert: null, due_at: LATER, at: LATER },
    });
  });
});
