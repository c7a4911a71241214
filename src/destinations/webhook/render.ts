/** The body of a webhook: JSON of our own or the configuration's Liquid template. */
import { fail } from "../../errors.ts";
import { compileTemplate } from "../../template/template.ts";
import type { Message } from "../destination.ts";
import { digestJson, messageJson } from "../message-json.ts";
import { PROBES } from "./probe.ts";

export interface RenderOptions {
  readonly body?: string | undefined;
  readonly content_type: string;
}

/**
 * Makes the function that renders bodies. Throws TEMPLATE_INVALID when the template does not
 * parse, or writes alert text into JSON without `| json`: then a quote in a title would break the
 * body, or change what it says.
 */
export function createRender(
  options: RenderOptions,
  component: string,
): (message: Message) => string {
  if (options.body === undefined) return renderJson;
  const template = compileTemplate(options.body, { component });
  const render = (message: Message) => template.render(scopeOf(message));
  if (!isJsonType(options.content_type)) return render;
  const renderChecked = (message: Message) => checkJson(render(message), component);
  for (const message of PROBES) probe(message, render, renderChecked);
  return renderChecked;
}

function renderJson(message: Message): string {
  return JSON.stringify(messageJson(message));
}

function scopeOf({ kind, alert, digest, key, link, test }: Message): Record<string, unknown> {
  return { kind, alert, digest: digest && digestJson(digest), key, link, test };
}

/** What a template refuses of the probe it may accept of an alert; only broken JSON is final. */
function probe(
  message: Message,
  render: (message: Message) => string,
  check: (message: Message) => string,
): void {
  try {
    render(message);
  } catch {
    return;
  }
  check(message);
}

function checkJson(text: string, component: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (cause) {
    throw fail("TEMPLATE_INVALID", {
      component,
      message: "the rendered body is not JSON",
      hint: 'write values with the json filter and without quotes of your own: "title": {{ alert.title | json }}',
      cause,
    });
  }
}

function isJsonType(type: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(type);
}
