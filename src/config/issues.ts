/**
 * What zod found, said the way the configuration speaks. `describeIssue` words one issue as
 * `message — hint` while zod still knows the input; `findingsOf` places the worded issues.
 */
import { z } from "zod";
import { splitHint, type Finding, type Path } from "./problem.ts";
import { nearest, suggest } from "./nearest.ts";
import { unknownKey } from "./walk.ts";

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** Error map for `safeParse`. Undefined leaves the wording to zod. */
export function describeIssue(issue: RawIssue): string | undefined {
  const name = nameOf(issue.path);
  switch (issue.code) {
    case "invalid_type":
      return describeType(name, issue);
    case "invalid_value":
      return describeValue(name, issue.values.map(String), issue.input);
    case "too_small":
      return describeBound(name, "at least", issue.origin, Number(issue.minimum));
    case "too_big":
      return describeBound(name, "at most", issue.origin, Number(issue.maximum));
    case "invalid_format":
      return issue.format === "url" ? `${name} is not a URL — write it like https://…` : undefined;
    case "invalid_union":
      return describeUnion(name, issue);
    default:
      return undefined;
  }
}

/** What stands at the root, of the whole or of one form of a union. */
const NAMELESS = "the configuration";

function nameOf(path: readonly PropertyKey[] | undefined): string {
  const last = path?.at(-1);
  if (last === undefined) return NAMELESS;
  return typeof last === "number" ? `item ${last + 1}` : `\`${String(last)}\``;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

const FORMATS: Readonly<Record<string, string>> = {
  duration: "a duration, not NOT — write it like 30s, 10m, 3d",
  size: "a size, not NOT — write it like 512KiB or 10MiB",
  listen: "an address, not NOT — write it like 127.0.0.1:7373",
};

function describeType(name: string, issue: RawIssue & { code: "invalid_type" }): string {
  const { input, expected } = issue;
  if (input === undefined) return `${name} is missing`;
  if (input === null) return `${name} has no value — give it one or remove the key`;
  const actual = actualType(input);
  const format = formatOf(issue.inst);
  if (format) return `${name} must be ${format.replace("NOT", actual)}`;
  if (expected === "string" && (typeof input === "number" || typeof input === "boolean")) {
    return `${name} must be text, not ${actual} — put it in quotes`;
  }
  if (expected === "int" && typeof input === "number") return `${name} must be a whole number`;
  return `${name} must be ${TYPES[expected] ?? expected}, not ${actual}`;
}

/** What the configuration's own scalars ask for. */
function formatOf(schema: unknown): string | undefined {
  const meta = schema instanceof z.ZodType ? z.globalRegistry.get(schema) : undefined;
  return FORMATS[String(meta?.["format"])];
}

function actualType(input: unknown): string {
  if (input === null) return "nothing";
  if (Array.isArray(input)) return "a list";
  return TYPES[typeof input] ?? typeof input;
}

function describeValue(name: string, values: readonly string[], input: unknown): string {
  if (input === undefined) return `${name} is missing — ${oneOf(values)}`;
  if (input === null) return `${name} has no value — ${oneOf(values)}`;
  const hint = typeof input === "string" ? suggest(input, values, "one of") : oneOf(values);
  return `${name} cannot be ${quote(input)} — ${hint}`;
}

function oneOf(values: readonly string[]): string {
  return `one of: ${values.join(", ")}`;
}

/** Only texts are shown, and only where the schema asks for one of a few: no secret stands there. */
function quote(input: unknown): string {
  return typeof input === "string" ? JSON.stringify(input) : actualType(input);
}

function describeBound(name: string, bound: string, origin: string, limit: number): string {
  if (origin === "string") {
    return limit === 1 && bound === "at least"
      ? `${name} must not be empty`
      : `${name} must have ${bound} ${limit} characters`;
  }
  if (origin === "array") {
    return limit === 1 && bound === "at least"
      ? `${name} must not be empty`
      : `${name} must have ${bound} ${limit} items`;
  }
  return `${name} must be ${bound} ${limit}`;
}

type UnionIssue = RawIssue & { code: "invalid_union" };

function describeUnion(name: string, issue: UnionIssue): string {
  if (issue.discriminator !== undefined) return describeKind(name, issue.discriminator, issue);
  if (issue.input === undefined) return `${name} is missing`;
  if (issue.input === null) return `${name} has no value — give it one or remove the key`;
  const forms = issue.errors.flatMap((errors) => errors.filter(isWrongForm).map(formOf));
  return `${name} must be ${[...new Set(forms)].join(" or ")}, not ${quote(issue.input)}`;
}

function formOf(issue: Issue): string {
  if (issue.code === "invalid_type") return TYPES[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") return issue.values.map(quote).join(" or ");
  return issue.message;
}

function describeKind(name: string, discriminator: string, issue: UnionIssue): string {
  const kinds = ((issue.options ?? []) as readonly unknown[]).map(String);
  const input = (issue.input as Readonly<Record<string, unknown>>)[discriminator];
  const known = oneOf(kinds);
  if (input === undefined) return `${name} is missing — ${known}`;
  if (typeof input !== "string") return `${name} must be text — ${known}`;
  const near = nearest(input, kinds);
  const hint = near === undefined ? known : `did you mean \`${near}\`? ${known}`;
  return `unknown ${name} ${quote(input)} — ${hint}`;
}

/** The issues as findings; a union that nothing fits is told by the form that fits best. */
export function findingsOf(issues: readonly Issue[]): Finding[] {
  return issues.flatMap((issue) => expand(issue, []));
}

function expand(issue: Issue, base: Path): Finding[] {
  const path = [...base, ...(issue.path as Path)];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      level: "error",
      path: [...path, key],
      at: "key",
      ...unknownKey(key, []),
    }));
  }
  if (issue.code === "invalid_key") {
    const text = issue.issues[0]?.message ?? issue.message;
    return [{ level: "error", path, at: "key", ...splitHint(named(text, path)) }];
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) return expandUnion(issue, path);
  return [{ level: "error", path, ...splitHint(named(issue.message, path)) }];
}

/** Messages that schemas bring along do not say what they are about. */
function named(message: string, path: Path): string {
  const name = nameOf(path);
  if (message.includes(name)) return message;
  return message.includes(NAMELESS) ? message.replace(NAMELESS, name) : `${name}: ${message}`;
}

function expandUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path): Finding[] {
  const fitting = issue.errors.filter((errors) => !errors.some(isWrongForm));
  const best = fitting.toSorted((a, b) => a.length - b.length)[0];
  if (best) return best.flatMap((inner) => expand(inner, path));
  return [{ level: "error", path, ...splitHint(named(issue.message, path)) }];
}

function isWrongForm(issue: Issue): boolean {
  return (
    issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value")
  );
}
