import { afterEach, beforeEach, expect, test } from "vitest";
import { makeStoreFolder, type StoreFolder } from "../testing/folder.ts";
import { insertAction, listActionsSince } from "./actions.ts";

let folder: StoreFolder;
beforeEach(() => void (folder = makeStoreFolder()));
afterEach(() => folder.end());

test("actions since a time come the oldest first, that of the time itself included", () => {
  const { database } = folder;
  const action = (at: number) => {
    return { at, who: "ann", kind: "alert.changed", target: "ALR-000001", detail: { n: at } };
  };
  for (const at of [30, 10, 20]) insertAction(database, action(at));
  expect(listActionsSince(database, 20)).toEqual([action(20), action(30)]);
});
