import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Database } from "./database.ts";
import { lockFolder } from "./lock.ts";
import { migrate, schemaVersion } from "./migrate.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tocsin-sqlite-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a connection", () => {
  it("syncs every commit to disk, in a write-ahead log", () => {
    const database = new Database(join(folder, "a.db"));
    // 2 is FULL (https://www.sqlite.org/pragma.html#pragma_synchronous)
    expect(database.get("PRAGMA synchronous")).toEqual({ synchronous: 2 });
    expect(database.get("PRAGMA journal_mode")).toEqual({ journal_mode: "wal" });
    database.close();
  });

  it("keeps nothing of a transaction that throws", () => {
    const database = new Database(join(folder, "a.db"));
    database.exec("CREATE TABLE t (n INTEGER)");
    const work = () =>
      database.transaction(() => {
        database.run("INSERT INTO t VALUES (1)");
        throw new RangeError("no");
      });
    expect(work).toThrow("no");
    expect(database.all("SELECT * FROM t")).toEqual([]);
    database.close();
  });

  it("stays open while only its statements are in use", () => {
    const insertOften = (): (() => number) => {
      const database = new Database(join(folder, "a.db"));
      database.exec("CREATE TABLE t (n INTEGER)");
      return () => database.run("INSERT INTO t VALUES (1)").changes;
    };
    const insert = insertOften();
    const garbage = Array.from({ length: 200 }, () => new ArrayBuffer(1_000_000));
    expect(garbage).toHaveLength(200);
    expect(insert()).toBe(1);
  });

  it("says which file it cannot open and what to do", () => {
    expect(() => new Database(join(folder, "missing", "a.db"))).toThrow(/cannot open .*missing/);
  });
});

describe("migrations", () => {
  it("run once each, in order", () => {
    const database = new Database(join(folder, "a.db"));
    migrate(database, ["CREATE TABLE a (n INTEGER)"]);
    migrate(database, ["CREATE TABLE a (n INTEGER)", "CREATE TABLE b (n INTEGER)"]);
    expect(schemaVersion(database)).toBe(2);
    database.close();
  });

  it("refuse a file that a newer program wrote", () => {
    const database = new Database(join(folder, "a.db"));
    migrate(database, ["CREATE TABLE a (n INTEGER)", "CREATE TABLE b (n INTEGER)"]);
    expect(() => migrate(database, ["CREATE TABLE a (n INTEGER)"])).toThrow(
      /has schema 2, and this Tocsin knows schemas up to 1/,
    );
    database.close();
  });

  it("leave the file as it was when one fails", () => {
    const database = new Database(join(folder, "a.db"));
    expect(() => migrate(database, ["CREATE TABLE a (n INTEGER); CREATE NONSENSE"])).toThrow();
    expect(schemaVersion(database)).toBe(0);
    expect(database.all("SELECT name FROM sqlite_master")).toEqual([]);
    database.close();
  });
});

describe("the folder's lock", () => {
  it("lets one in, and the next one only after it", () => {
    const first = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(/another Tocsin is running on the data folder/);
    first.release();
    lockFolder(folder).release();
  });

  it("is per folder", () => {
    const first = lockFolder(join(folder, "a"));
    lockFolder(join(folder, "b")).release();
    first.release();
  });
});
