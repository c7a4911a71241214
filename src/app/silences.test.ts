import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silenceWishSchema } from "../silence/wish.ts";
import type { Database } from "../sqlite/database.ts";
import { listActionsOn } from "../store/sqlite/actions.ts";
import { findCell } from "../store/sqlite/cells.ts";
import { readVersions } from "../store/sqlite/meta.ts";
import { findSilence, listSilences } from "../store/sqlite/silences.ts";
import { makeStoreFolder, type StoreFolder } from "../store/testing/folder.ts";
import { applyChange } from "./changes/change.ts";
import type { Configuration } from "./configuration.ts";
import { configuredSilences, syncConfiguredSilences } from "./silences.ts";

const NOW = Date.parse("2026-05-04T12:00:00Z");
const HOUR = 3_600_000;

let folder: StoreFolder;
let database: Database;
beforeEach(() => {
  folder = makeStoreFolder();
  database = folder.database;
});
afterEach(() => folder.end());

type ConfiguredSilence = Configuration["silences"][number];

function configured(name: string, more: Partial<ConfiguredSilence> = {}): ConfiguredSilence {
  return { name, match: "*", comment: "patching", at_end: "nothing", ...more };
}

const sync = (now: number, ...silences: ConfiguredSilence[]) =>
  syncConfiguredSilences(database, { silences }, now);
const kindsOf = (id: string) => listActionsOn(database, id).map(({ kind, who }) => [kind, who]);

describe("silences of the file", () => {
  it("are stored when the program starts, with their timers", () => {
    sync(NOW, configured("night", { until: "2026-05-04T14:00:00.000Z", remind: HOUR }));
    expect(findSilence(database, "night")).toMatchObject({ origin: "file", version: 1 });
    expect(findCell(database, { stage: "silence_reminder", key: "night" })?.due_at).toBe(
      NOW + HOUR,
    );
    expect(kindsOf("night")).toEqual([["silence.added", "configuration"]]);
  });

  it("are left alone when they are the same, and nobody has to decide anew", () => {
    sync(NOW, configured("night"));
    const before = [readVersions(database), findSilence(database, "night")];
    sync(NOW + HOUR, configured("night"));
    expect([readVersions(database), findSilence(database, "night")]).toEqual(before);
  });

  it("follow the file when it changes", () => {
    sync(NOW, configured("night"));
    sync(NOW + HOUR, configured("night", { match: "host.name: web-*" }));
    expect(findSilence(database, "night")).toMatchObject({ version: 2, match: "host.name: web-*" });
    expect(kindsOf("night")[1]).toEqual(["silence.changed", "configuration"]);
  });

  it("end when they stand there no more; what they held is looked at", () => {
    sync(NOW, configured("night"));
    sync(NOW + HOUR);
    expect(findSilence(database, "night")?.ended_at).toBe(new Date(NOW + HOUR).toISOString());
    expect(findCell(database, { stage: "silence", key: "night" })?.due_at).toBe(NOW + HOUR);
    expect(kindsOf("night")[1]).toEqual(["silence.ended", "configuration"]);
  });

  it("leave those alone that people made", () => {
    const wish = silenceWishSchema.parse({ match: "*", comment: "mine" });
    const made = applyChange(database, "silence.add", { wish }, { who: "ada", now: NOW });
    sync(NOW + HOUR, configured("night"));
    sync(NOW + 2 * HOUR);
    expect(findSilence(database, made.id)).toEqual(made);
    expect(listSilences(database)).toHaveLength(2);
  });
});

it("the silences of a configuration hold back from the beginning of time where nothing is stored", () => {
  const [night, one] = configuredSilences({
    silences: [configured("night"), configured("one", { from: "2026-05-04T12:00:00.000Z" })],
  });
  expect(night?.windowAt(0)).not.toBeNull();
  expect(one?.windowAt(NOW - 1)).toBeNull();
  expect(one?.windowAt(NOW)).not.toBeNull();
});
