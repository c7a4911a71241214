/**
 * Message templates: Liquid without a file system and with limits on. A template comes from the
 * configuration, what it renders comes from the outside: neither can reach code, files, the clock
 * or a prototype, and neither can hold the process up.
 *
 * Liquid counts what filters and ranges allocate; what a template writes is counted against the
 * same budget here, captures included, so that no loop can grow a text without end.
 */
import { Liquid, LiquidError, type Emitter, type Template as Node } from "liquidjs";
import { fail, messageOf, type TocsinError } from "../errors.ts";
import { installFilters, textOf } from "./filters.ts";

/** Longest template text, in characters. */
const MAX_TEMPLATE = 100_000;
/** Longest rendered text, in characters. */
const MAX_OUTPUT = 1_000_000;
/** Budget of one render in Liquid's units: about one per character or list element. */
const MAX_MEMORY = 4_000_000;
/** Longest render, in milliseconds. */
const MAX_TIME = 250;

const REFUSED_TAGS = ["include", "render", "layout", "block"];

/** A template that parsed. */
export interface Template {
  /**
   * Renders with `scope` as the variables. Unknown variables render as nothing.
   * Throws `TEMPLATE_INVALID` when a limit is passed or a filter refuses its input.
   */
  render(scope: Record<string, unknown>): string;
}

export interface TemplateOptions {
  /** Named in errors, as in the configuration: `destination soc-slack`. */
  readonly component: string;
  /**
   * Makes values harmless for the markup that the template is written in. Everything that the template
   * takes from its variables passes through it; there is no way around.
   */
  readonly escape?: ((text: string) => string) | undefined;
}

/**
 * Parses a Liquid template. Beside Liquid's own filters it knows `json` and `defang`; dates
 * render in UTC. Throws `TEMPLATE_INVALID` with line:column and a hint when it does not parse,
 * names an unknown filter or tag, or wants another file.
 */
export function compileTemplate(text: string, options: TemplateOptions): Template {
  const liquid = createLiquid(options.escape);
  const nodes = guard(options.component, () => liquid.parse(text));
  return {
    render: (scope) => guard(options.component, () => renderNodes(liquid, nodes, scope)),
  };
}

/** Whether a setting that may be a path or a template is a template. */
export function isTemplate(text: string): boolean {
  return text.includes("{{") || text.includes("{%");
}

function createLiquid(escape: TemplateOptions["escape"]): Liquid {
  const liquid = new Liquid({
    templates: {},
    strictFilters: true,
    ownPropertyOnly: true,
    timezoneOffset: 0,
    locale: "en-US",
    parseLimit: MAX_TEMPLATE,
    renderLimit: MAX_TIME,
    memoryLimit: MAX_MEMORY,
    ...(escape ? { outputEscape: (value: unknown) => escape(textOf(value)) } : {}),
  });
  for (const tag of REFUSED_TAGS) liquid.registerTag(tag, { parse: refuseTag, render: () => "" });
  installFilters(liquid);
  if (escape) closeWaysAround(liquid);
  countOutput(liquid);
  return liquid;
}

// Liquid escapes what `{{ }}` puts out; these would put out a value as it is.
function closeWaysAround(liquid: Liquid): void {
  liquid.unregisterFilter("raw");
  for (const tag of ["echo", "cycle"])
    liquid.registerTag(tag, { parse: refuseUnescaped, render: () => "" });
}

function refuseUnescaped(): never {
  throw new Error("this tag would write a value unescaped");
}

function refuseTag(): never {
  throw new Error("a template cannot read other templates");
}

// Every text a template builds, captures included, goes through an emitter; Liquid's own do not
// count, so the renderer is given one that does.
function countOutput(liquid: Liquid): void {
  const renderer = liquid.renderer;
  const renderTemplates = renderer.renderTemplates.bind(renderer);
  renderer.renderTemplates = (nodes, context, emitter) => {
    return renderTemplates(nodes, context, emitter ?? createEmitter(context.memoryLimit));
  };
}

function createEmitter(budget: { use(count: number): void }): Emitter {
  return {
    buffer: "",
    write(value: unknown) {
      const text = textOf(value);
      budget.use(text.length);
      this.buffer += text;
    },
  };
}

function renderNodes(liquid: Liquid, nodes: Node[], scope: Record<string, unknown>): string {
  const text = String(liquid.renderSync(nodes, scope));
  if (text.length > MAX_OUTPUT) throw new Error(`output longer than ${MAX_OUTPUT} characters`);
  return text;
}

function guard<T>(component: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explain(component, error);
  }
}

function explain(component: string, error: unknown): TocsinError {
  const message = messageOf(error).replace(/, (file:.*)?line:\d+, col:\d+$/s, "");
  return fail("TEMPLATE_INVALID", {
    component,
    message: `${positionOf(error)}${message}`,
    hint: hintFor(message),
    cause: error,
    // By the clock: on a machine that is busy just now the same template may be in time later.
    ...(/render limit exceeded/.test(message) ? { data: { slow: true } } : {}),
  });
}

function positionOf(error: unknown): string {
  if (!LiquidError.is(error)) return "";
  const [line, column] = (error as LiquidError).token.getPosition();
  return `${line}:${column} `;
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/undefined filter/, "check the filter's name; besides Liquid's own there are json and defang"],
  [/tag .* not found/, "check the tag's name; Liquid has if, unless, case, for, assign, capture"],
  [/cannot read other templates/, "write the text out; include, render and layout are off"],
  [/unescaped/, "write {{ value }} in its place"],
  [/not closed/, "close it: every {{ needs }}, every {% if %} its {% endif %}"],
  [/limit exceeded|longer than|call stack/, "make the template smaller or its loops shorter"],
  [/not available/, "for example {{ alert.received_at | date: '%H:%M' }}"],
];

function hintFor(message: string): string {
  const known = HINTS.find(([pattern]) => pattern.test(message));
  return known?.[1] ?? "see the Liquid syntax: {{ field }}, {% if field %} … {% endif %}";
}
