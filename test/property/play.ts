/** What the properties have in common: a scene over a folder of its own, and how things happen in it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyChange } from "../../src/app/changes/change.ts";
import type { Configuration } from "../../src/app/configuration.ts";
import { TocsinError } from "../../src/errors.ts";
import type { LedgerPaths } from "../../src/ledger/files.ts";
import type { Store } from "../../src/store/store.ts";
import { readYaml, Scene } from "../timeline/scene.ts";
import type { Happening } from "./events.ts";

/** A scene with what happened in it. */
export interface Play {
  readonly scene: Scene;
  readonly configuration: Configuration;
  /** Ids of the events that were taken, in order. */
  readonly taken: string[];
  /** A folder that nobody has used yet. */
  nextFolder(): string;
}

/** Runs something on a new scene, and says what it was when it fails. */
export async function play(
  name: string,
  yaml: string,
  run: (play: Play) => Promise<void>,
  wrapStore?: (store: Store) => Store,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "tocsin-property-"));
  let folders = 0;
  const nextFolder = () => mkdtempSync(join(root, `${(folders += 1)}-`));
  const configuration = readYaml(yaml, root);
  const scene = new Scene(configuration, nextFolder(), wrapStore);
  try {
    await scene.start();
    await run({ scene, configuration, taken: [], nextFolder });
  } catch (error) {
    throw withName(error, `${name}\n${yaml}`);
  } finally {
    await scene.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

function withName(error: unknown, name: string): unknown {
  if (error instanceof Error) error.message = `${error.message}\n\n${name}`;
  return error;
}

/** Lets it happen, without waiting for what follows from it. */
export async function happen({ scene, taken }: Play, happening: Happening): Promise<void> {
  if ("change" in happening) return changeStatus(scene, happening.change, taken[happening.of - 1]);
  const { events } = await scene.receive(happening);
  taken.push(...events.map(({ id }) => id));
}

function changeStatus(scene: Scene, status: "new" | "acknowledged" | "closed", id?: string): void {
  if (id === undefined) return;
  const asked = { names: [id], status, ...(status === "closed" && { verdict: CLOSED_AS }) };
  const by = { who: "ann", now: scene.clock.now() };
  try {
    scene.change((database) => applyChange(database, "alerts", asked, by));
  } catch (error) {
    // The event opened no alert, or the alert is as it should be already.
    if (!(error instanceof TocsinError && REFUSED.has(error.code))) throw error;
  }
}

const CLOSED_AS = "true_positive" as const;
const REFUSED: ReadonlySet<string> = new Set(["NOT_FOUND", "CONFLICT"]);

/** The two files of a scene. */
export function pathsOf({ folder }: Scene): LedgerPaths {
  return { stream: join(folder, "stream.db"), store: join(folder, "store.db") };
}
