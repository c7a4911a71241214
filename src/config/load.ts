/**
 * Loads a configuration: text → data → references resolved → validated. All that is wrong is
 * told at once, each with its line, its column and what to do.
 */
import { z } from "zod";
import { parseConfigDocument, type ConfigDocument } from "./document.ts";
import { describeIssue, findingsOf } from "./issues.ts";
import { sortProblems, type Finding, type Path, type Problem } from "./problem.ts";
import { resolveReferences, type ResolvedText, type Resolver } from "./references.ts";
import { findSecrets, findUnknownKeys } from "./walk.ts";

export type Loaded<T> =
  /** `problems` are warnings. */
  | { readonly ok: true; readonly value: T; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export interface LoadOptions<T> {
  readonly text: string;
  /** As problems name it; the file itself is not read. */
  readonly file: string;
  readonly schema: z.ZodType<T>;
  readonly resolver: Resolver;
  /** What the schema cannot say. Sees the data before validation, so it must assume nothing. */
  readonly check?: (input: unknown) => readonly Finding[];
  /** What that is called which stands at a path, where it does not come from the file. */
  readonly nameOf?: ((path: Path) => string | undefined) | undefined;
}

/** Never throws. Secret values are in no problem. */
export function loadConfig<T>(options: LoadOptions<T>): Loaded<T> {
  const document = parseConfigDocument(options.text);
  const remarks = document.remarks.map((remark) => ({ file: options.file, ...remark }));
  if (document.value === undefined) return { ok: false, problems: sortProblems(remarks) };

  const resolved = resolveReferences(document.value, options.resolver);
  const parsed = z.safeParse(options.schema, resolved.value, { error: describeIssue });
  const findings = [
    ...onePerText(resolved.value, [
      ...resolved.findings,
      ...judge(options, resolved.value, parsed.error?.issues ?? []),
    ]),
    ...literalSecrets(options.schema, resolved.value, resolved.texts),
  ];
  const problems = sortProblems([
    ...remarks,
    ...findings.map((finding) => place(mask(finding, resolved.texts), document, options)),
  ]);
  const isBroken = problems.some((problem) => problem.level === "error");
  if (isBroken || !parsed.success) return { ok: false, problems };
  return { ok: true, value: parsed.data, problems };
}

function judge<T>(
  options: LoadOptions<T>,
  input: unknown,
  issues: readonly z.core.$ZodIssue[],
): Finding[] {
  const checked = options.check?.(input) ?? [];
  const allUnknown = findUnknownKeys(options.schema, input);
  // Strict schemas report unknown keys too, but do not know which key was meant.
  const rest = findingsOf(issues).filter((finding) => !isAmong(allUnknown, finding.path));
  // A check that knows the key says better why it has no place.
  const unknownKeys = allUnknown.filter((finding) => !isAmong(checked, finding.path));
  return [...unknownKeys, ...rest, ...checked];
}

/** A text that is wrong in one way is not judged further: the rest would be noise. */
function onePerText(input: unknown, findings: readonly Finding[]): Finding[] {
  return findings.filter((finding, index) => {
    const isText = typeof valueAt(input, finding.path) === "string";
    return !isText || !isAmong(findings.slice(0, index), finding.path);
  });
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce(
    (node: unknown, key) => (node as Record<string, unknown> | null)?.[key],
    input,
  );
}

function literalSecrets(
  schema: z.core.$ZodType,
  input: unknown,
  texts: readonly ResolvedText[],
): Finding[] {
  const literal = findSecrets(schema, input).filter((path) => !isAmong(texts, path));
  return literal.map((path) => ({
    level: "warning",
    path,
    message: `the secret \`${path.join(".")}\` stands in the file itself`,
    hint: "write it as ${env:NAME} or ${file:path}",
  }));
}

function isAmong(things: readonly { readonly path: Path }[], path: Path): boolean {
  return things.some((thing) => isSamePath(thing.path, path));
}

function isSamePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((segment, index) => segment === b[index]);
}

/** Shorter values are replaced only where they belong: in a sentence they may be any word. */
const TELLING_LENGTH = 6;

/** Puts references back where a message shows what they came to. */
function mask(finding: Finding, texts: readonly ResolvedText[]): Finding {
  const own = texts.find(({ path }) => isSamePath(path, finding.path));
  if (own && finding.offset !== undefined) return behind(own, finding);
  let { message, hint } = finding;
  for (const { path, written, value } of texts) {
    if (value.length < TELLING_LENGTH && !isSamePath(path, finding.path)) continue;
    for (const shown of [value, JSON.stringify(value).slice(1, -1)]) {
      message = message.replaceAll(shown, () => written);
      hint = hint?.replaceAll(shown, () => written);
    }
  }
  return { ...finding, message, hint };
}

/** What has a syntax of its own is quoted in parts, so nothing of what is said about it is shown. */
function behind({ written }: ResolvedText, finding: Finding): Finding {
  const message = `\`${String(finding.path.at(-1))}\` cannot be read: ${written}`;
  return { ...finding, offset: 0, message, hint: "write it without references to see where" };
}

function place<T>(
  finding: Finding,
  document: ConfigDocument,
  { file, nameOf }: LoadOptions<T>,
): Problem {
  const { level, message, hint } = finding;
  const name = nameOf?.(finding.path);
  if (name !== undefined) return { level, file: name, line: 0, column: 0, message, hint };
  return {
    level,
    file,
    ...document.locate(finding.path, finding.at, finding.offset),
    message,
    hint,
  };
}
