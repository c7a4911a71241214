/** The samples that stand beside each kind of source. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, parse } from "node:path";
import { suggest } from "../config/nearest.ts";
import { fail } from "../errors.ts";
import { sources } from "../sources/index.ts";
import { packageRoot } from "./package.ts";

/**
 * The sample `KIND/NAME`, or of `KIND` alone the largest, which shows most. Throws NOT_FOUND where
 * there is none, naming what there is.
 */
export function readSample(asked: string): Uint8Array {
  const [kind, name] = asked.split("/", 2);
  const folder = join(packageRoot(), "src", "sources", definitionOf(kind).kind, "samples");
  const samples = listSamples(folder);
  const names = samples.map((sample) => sample.name);
  const found = name === undefined ? samples[0] : samples.find((sample) => sample.name === name);
  if (found) return readFileSync(join(folder, found.file));
  throw missing(`no sample ${asked}`, suggest(name ?? "", names, `samples of ${kind}`));
}

/** The sample with a subject of its own, so that it is an alert and not news of the last one. */
export function readNewSample(asked: string, subject: string): Uint8Array {
  const bytes = readSample(asked);
  const { subjectMember: member } = definitionOf(asked.split("/", 1)[0]);
  if (member === undefined) return bytes;
  const body = JSON.parse(bytes.toString()) as Record<string, unknown>;
  return member in body ? Buffer.from(JSON.stringify({ ...body, [member]: subject })) : bytes;
}

function definitionOf(kind = "") {
  const definition = sources.find((source) => source.kind === kind);
  if (definition) return definition;
  const kinds = sources.map((source): string => source.kind);
  throw missing(`no kind of source ${kind}`, suggest(kind, kinds, "kinds"));
}

/** Bodies only, the largest first: what they are expected to become stands beside them. */
function listSamples(folder: string): { name: string; file: string }[] {
  if (!existsSync(folder)) return [];
  const sizeOf = (file: string) => statSync(join(folder, file)).size;
  return readdirSync(folder)
    .filter((file) => !file.includes(".expected."))
    .toSorted((a, b) => sizeOf(b) - sizeOf(a))
    .map((file) => ({ name: parse(file).name, file }));
}

function missing(message: string, hint: string) {
  return fail("NOT_FOUND", { component: "send", message: `there is ${message}`, hint });
}
