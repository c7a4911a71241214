/**
 * Goes down a schema and the data it describes side by side, to say what validation alone does
 * not: which key an unknown key was meant to be, at any depth and whether or not the schema
 * there is strict, and which secrets stand in the file itself.
 */
import { z } from "zod";
import { suggest } from "./nearest.ts";
import type { Finding, Path } from "./problem.ts";

type Schema = z.core.$ZodType;
type Shape = Readonly<Record<string, Schema>>;
type PlainMap = Readonly<Record<string, unknown>>;

/** Unknown keys (errors) of `input`, seen as what `schema` describes. */
export function findUnknownKeys(schema: Schema, input: unknown): Finding[] {
  const findings: Finding[] = [];
  walk(schema, input, [], {
    unknownKey: (path, key, known) =>
      findings.push({ level: "error", path: [...path, key], at: "key", ...unknownKey(key, known) }),
  });
  return findings;
}

/** Paths of the texts that the schema calls secret. */
export function findSecrets(schema: Schema, input: unknown): Path[] {
  const paths: Path[] = [];
  walk(schema, input, [], {
    leaf: (leaf, path, value) => {
      if (typeof value === "string" && isSecret(leaf)) paths.push(path);
    },
  });
  return paths;
}

/** What to say about a key that is none of `known`. */
export function unknownKey(
  key: string,
  known: readonly string[],
): { message: string; hint: string } {
  const hint = key === "<<" ? "merge keys are not read: write the settings out" : undefined;
  return { message: `unknown key \`${key}\``, hint: hint ?? suggest(key, known, "known keys") };
}

interface Visitor {
  unknownKey?(path: Path, key: string, known: readonly string[]): void;
  leaf?(schema: Schema, path: Path, value: unknown): void;
}

function walk(schema: Schema, input: unknown, path: Path, visitor: Visitor): void {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) return walkUnion(inner, input, path, visitor);
  if (inner instanceof z.ZodArray && Array.isArray(input)) {
    return input.forEach((item, index) => walk(inner.element, item, [...path, index], visitor));
  }
  if (inner instanceof z.ZodRecord && isPlainMap(input)) {
    return walkRecord(inner, input, path, visitor);
  }
  if (inner instanceof z.ZodObject) {
    if (isPlainMap(input)) walkShape(inner.shape, isOpen(inner), input, path, visitor);
    return;
  }
  visitor.leaf?.(inner, path, input);
}

/** A record over an enum knows its keys. */
function walkRecord(record: z.ZodRecord, input: PlainMap, path: Path, visitor: Visitor): void {
  const { keyType, valueType } = record;
  const known = keyType instanceof z.ZodEnum ? keyType.options.map(String) : null;
  for (const [key, value] of Object.entries(input)) {
    if (!known || known.includes(key)) walk(valueType, value, [...path, key], visitor);
    else visitor.unknownKey?.(path, key, known);
  }
}

function walkShape(shape: Shape, open: boolean, input: PlainMap, path: Path, visitor: Visitor) {
  const known = Object.keys(shape);
  for (const [key, value] of Object.entries(input)) {
    const child = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (child) walk(child, value, [...path, key], visitor);
    else if (!open) visitor.unknownKey?.(path, key, known);
  }
}

/** Of several forms, the one the data has; among maps without a `kind`, all of them together. */
function walkUnion(
  union: z.ZodUnion | z.ZodDiscriminatedUnion,
  input: unknown,
  path: Path,
  visitor: Visitor,
): void {
  const options = (union.options as readonly Schema[]).map(unwrap);
  if (!isPlainMap(input)) {
    return options
      .filter((o) => !(o instanceof z.ZodObject))
      .forEach((o) => walk(o, input, path, visitor));
  }
  const maps = options.filter((option) => option instanceof z.ZodObject);
  if (union instanceof z.ZodDiscriminatedUnion) {
    const name = union.def.discriminator;
    const chosen = maps.find((option) => accepts(option.shape[name], input[name]));
    return chosen && walk(chosen, input, path, visitor);
  }
  const merged: Shape = Object.assign({}, ...maps.map((option) => option.shape));
  if (maps.length > 0) walkShape(merged, maps.some(isOpen), input, path, visitor);
}

function accepts(schema: Schema | undefined, value: unknown): boolean {
  return schema !== undefined && z.safeParse(schema, value).success;
}

function isOpen(object: z.ZodObject): boolean {
  const rest = object.def.catchall;
  return rest !== undefined && !(rest instanceof z.ZodNever);
}

/** What is inside of `optional`, `default` and the like; of a pipe, the side that sees the input. */
function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodPipe) {
    const { in: before, out: after } = schema.def;
    return unwrap(before instanceof z.ZodTransform ? after : before);
  }
  if (schema instanceof z.ZodLazy) return unwrap(schema.def.getter());
  const inner = (schema._zod.def as { innerType?: Schema }).innerType;
  return inner === undefined ? schema : unwrap(inner);
}

function isSecret(schema: Schema): boolean {
  return z.globalRegistry.get(schema)?.["format"] === "secret";
}

function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
