/**
 * References stand in the configuration for values that must not: `${env:NAME}` and
 * `${file:path}`, anywhere in any text. They are resolved after parsing and before validation.
 * `$${` stands for a literal `${`.
 */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Finding, Path } from "./problem.ts";

const MAX_FILE_BYTES = 64 * 1024;
const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;

/** What a reference came to. A problem never holds the value. */
type Resolution =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/** Resolves the inner text of a reference, such as `env:ES_KEY`. */
export type Resolver = (reference: string) => Resolution;

/** A text that held references: where it is, how it is written and what it came to. */
export interface ResolvedText {
  readonly path: Path;
  readonly written: string;
  readonly value: string;
}

export interface ResolvedTree {
  readonly value: unknown;
  readonly texts: readonly ResolvedText[];
  readonly findings: readonly Finding[];
}

/** A copy of `tree` with every reference replaced by its value; what fails stays as written. */
export function resolveReferences(tree: unknown, resolver: Resolver): ResolvedTree {
  const texts: ResolvedText[] = [];
  const findings: Finding[] = [];
  const visit = (node: unknown, path: Path): unknown => {
    if (typeof node === "string") return replace(node, path);
    if (Array.isArray(node)) return node.map((item, index) => visit(item, [...path, index]));
    if (typeof node !== "object" || node === null) return node;
    const entries = Object.entries(node);
    return Object.fromEntries(entries.map(([key, child]) => [key, visit(child, [...path, key])]));
  };
  const replace = (written: string, path: Path): string => {
    if (!written.includes("${")) return written;
    const value = written.replace(REFERENCE, (whole: string, inner: string | undefined) => {
      if (inner === undefined) return "${";
      const resolution = resolver(inner);
      if (resolution.ok) return resolution.value;
      const { message, hint } = resolution;
      findings.push({ level: "error", path, message, hint });
      return whole;
    });
    texts.push({ path, written, value });
    return value;
  };
  return { value: visit(tree, []), texts, findings };
}

/** Resolves from an environment and from files relative to `directory`. */
export function referenceResolver(options: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}): Resolver {
  return (reference) => {
    const colon = reference.indexOf(":");
    const scheme = reference.slice(0, Math.max(colon, 0));
    const target = reference.slice(colon + 1).trim();
    if (target === "") return refuse(`\`\${${reference}}\` names nothing`, FORMS);
    if (scheme === "env") return readVariable(target, options.env);
    if (scheme === "file") return readSecretFile(target, options.directory);
    if (scheme === "vault") {
      return refuse(
        "vault references are not supported by this version",
        "use ${file:…} written by the Vault agent",
      );
    }
    return refuse(`\`\${${reference}}\` is not a reference`, FORMS);
  };
}

const FORMS = "write ${env:NAME} or ${file:path}; $${ for a literal ${";

function refuse(message: string, hint: string): Resolution {
  return { ok: false, message, hint };
}

function readVariable(name: string, env: Readonly<Record<string, string | undefined>>): Resolution {
  const value = env[name];
  if (value === undefined) {
    return refuse(`environment variable ${name} is not set`, "set it where Tocsin is started");
  }
  // An empty secret is never meant, and `NAME=` in a compose file is easily overlooked.
  if (value === "") return refuse(`environment variable ${name} is empty`, "give it a value");
  return { ok: true, value };
}

function readSecretFile(path: string, directory: string): Resolution {
  const file = resolve(directory, path);
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return refuse(`${path} is not a file`, "name a file");
    if (stats.size > MAX_FILE_BYTES) return refuse(`${path} is too large`, "at most 64 KiB");
    const value = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    return value === ""
      ? refuse(`${path} is empty`, "write the value into it")
      : { ok: true, value };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown";
    if (reason === "ENOENT") return refuse(`${path} does not exist`, RELATIVE);
    return refuse(`${path} cannot be read (${reason})`, "let Tocsin's user read it");
  }
}

const RELATIVE = "paths are relative to the configuration file";
