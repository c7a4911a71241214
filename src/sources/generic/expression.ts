/** A setting that reads something of an event: a path, or a Liquid template over it. */
import { z } from "zod";
import { ElasticDocument } from "../../elastic/document.ts";
import { messageOf, TocsinError } from "../../errors.ts";
import { compileTemplate, isTemplate } from "../../template/template.ts";
import { isObject } from "../read.ts";
import type { JsonObject, JsonValue } from "../source.ts";

/** An event as expressions see it. */
export interface Item {
  readonly document: ElasticDocument;
  /** The variables of templates, built when the first one asks. */
  readonly scope: () => Record<string, unknown>;
}

export interface Expression {
  /** As written in the configuration. */
  readonly text: string;
  /** The values found; throws `TEMPLATE_INVALID` when a template passes a limit. */
  read(item: Item): unknown[];
}

/** An expression in the configuration; a template that does not parse is an issue there. */
export const expression = z
  .string()
  .min(1)
  .transform((text, context): Expression => {
    try {
      return compileExpression(text);
    } catch (error) {
      const hint = error instanceof TocsinError && error.hint ? ` — ${error.hint}` : "";
      context.addIssue({ code: "custom", message: `${messageOf(error)}${hint}` });
      return z.NEVER;
    }
  });

function compileExpression(text: string): Expression {
  if (!isTemplate(text)) return { text, read: ({ document }) => document.values(text) };
  const template = compileTemplate(text, { component: "source" });
  return {
    text,
    read: ({ scope }) => {
      const rendered = template.render(scope()).trim();
      return rendered === "" ? [] : [rendered];
    },
  };
}

/** Opens an event for expressions. */
export function openItem(document: JsonObject): Item {
  let scope: JsonObject | undefined;
  return {
    document: new ElasticDocument([document]),
    scope: () => (scope ??= expandKeys(document)),
  };
}

/**
 * The object with its dotted keys also reachable part by part, for Liquid has no name with a dot
 * in it: `{"host.name": "a"}` answers to `{{ host.name }}`. What is nested already stays.
 */
export function expandKeys(object: JsonObject): JsonObject {
  const expanded: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    if (name !== "__proto__") expanded[name] = expandValue(value);
  }
  for (const name of Object.keys(expanded)) {
    if (name.includes(".")) plant(expanded, name.split("."), expanded[name] ?? null);
  }
  return expanded;
}

function expandValue(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(expandValue);
  return isObject(value) ? expandKeys(value) : value;
}

/** A key of very many parts is no path but an attack on the stack. */
const MAX_PARTS = 32;

function plant(root: JsonObject, parts: readonly string[], value: JsonValue): void {
  if (parts.length > MAX_PARTS || parts.includes("__proto__")) return;
  let node = root;
  for (const part of parts.slice(0, -1)) {
    const next = Object.hasOwn(node, part) ? node[part] : (node[part] = {});
    if (!isObject(next)) return;
    node = next;
  }
  const last = parts.at(-1) ?? "";
  if (!Object.hasOwn(node, last)) node[last] = value;
}
