/**
 * Parts of messages that the configuration may word itself: `template: { title: "…" }`, in Liquid over
 * the alert, its case, counts and links.
 *
 * What stands in a template is the operator's and may be markup; what `{{ … }}` puts there comes from
 * outside and is escaped for where it will stand, so that it never becomes markup.
 */
import { z } from "zod";
import { compileTemplate, type Template } from "../template/template.ts";
import type { Message } from "./destination.ts";
import { digestJson } from "./message-json.ts";
import { clip } from "./text.ts";

/** Longest value of a template, in characters; no peer shows more, and escapes make it longer. */
const MAX_VALUE = 32_000;

type Write = (text: string) => string;

/** More than how values are written. */
export interface Escaping {
  /** Null for plain text. */
  readonly text: Write | null;
  /** Writes links that lead to Tocsin, where a text must not become a link. As `text` unless given. */
  readonly link?: Write;
  /** Longest value in characters, cut before it is escaped; never more than any part takes. */
  readonly max?: number;
}

/**
 * How values are escaped in a part: by a function, null for plain text, or `untouched` for a part that
 * programs read, whose template has filters to choose from.
 */
export type Escape = Write | Escaping | null | "untouched";

/** The parts of a kind by their names. */
export type Parts<Name extends string> = Readonly<Record<Name, Escape>>;

/** The `template` setting of a kind; `parts` are its parts with what each is, for the reference. */
export function templateSetting<Name extends string>(parts: Readonly<Record<Name, string>>) {
  const shape = Object.fromEntries(
    Object.entries<string>(parts).map(([name, text]) => [
      name,
      z.string().min(1).optional().describe(text),
    ]),
  ) as Record<Name, z.ZodOptional<z.ZodString>>;
  return z
    .strictObject(shape)
    .optional()
    .describe("Liquid in the place of parts of the message; see the guide on templates.");
}

/** The rendered parts; those without a template are left out. */
export type RenderParts<Name extends string> = (message: Message) => Partial<Record<Name, string>>;

/** Makes the function that renders parts. Throws TEMPLATE_INVALID naming the part that does not parse. */
export function compileParts<Name extends string>(
  templates: Partial<Record<Name, string | undefined>> | undefined,
  parts: Parts<Name>,
  component: string,
): RenderParts<Name> {
  // Of the message that is being rendered.
  let own: ReadonlySet<string | null> = new Set();
  const compiled = Object.entries<string | undefined>(templates ?? {}).flatMap(([name, text]) => {
    if (text === undefined) return [];
    const escape = boundedEscape(parts[name as Name], (value) => own.has(value));
    const options = { component: `${component}: template.${name}`, escape };
    return [[name as Name, compileTemplate(text, options)] as const];
  });
  return (message) => {
    if (compiled.length === 0) return {};
    own = new Set([message.link, message.case?.link ?? null]);
    return renderAll(compiled, scopeOf(message));
  };
}

function boundedEscape(escape: Escape, isOwnLink: (value: string) => boolean): Write | undefined {
  if (escape === "untouched") return undefined;
  const escaping: Escaping = typeof escape === "object" && escape ? escape : { text: escape };
  const { text, link = text, max = MAX_VALUE } = escaping;
  return (value) => {
    const write = isOwnLink(value) ? link : text;
    const short = clip(value, Math.min(max, MAX_VALUE));
    return write ? write(short) : short;
  };
}

function renderAll<Name extends string>(
  compiled: readonly (readonly [Name, Template])[],
  scope: Record<string, unknown>,
): Partial<Record<Name, string>> {
  const rendered = compiled.map(([name, template]) => [name, template.render(scope)]);
  return Object.fromEntries(rendered) as Partial<Record<Name, string>>;
}

/** The variables of a template. `digest` and `case` are null when there is none. */
export function scopeOf(message: Message): Record<string, unknown> {
  const { kind, alert, digest, key, link, test } = message;
  return {
    kind,
    key,
    test,
    alert,
    digest: digest && digestJson(digest),
    case: message.case,
    counts: {
      alerts: digest?.total ?? 1,
      seen: alert.count,
      case: message.case?.alert_count ?? 0,
    },
    links: { alert: link, case: message.case?.link ?? null, vendor: alert.external.url },
    link,
  };
}
