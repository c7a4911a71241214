/** The body of a webhook: JSON of our own or the configuration's Liquid template. */
import { fail } from "../../errors.ts";
import type { Message } from "../destination.ts";
import { messageJson } from "../message-json.ts";
import { compileParts } from "../parts.ts";
import { PROBES } from "./probe.ts";

export interface RenderOptions {
  readonly template?: { readonly body?: string | undefined } | undefined;
  readonly content_type: string;
}

/**
 * Makes the function that renders bodies. Throws TEMPLATE_INVALID when the template does not
 * parse, or writes alert text into JSON without `| json`: then a quote in a title would break the
 * body, or change what it says.
 */
export function createRender(
  { template, content_type }: RenderOptions,
  component: string,
): (message: Message) => string {
  if (template?.body === undefined) return renderJson;
  // Nothing is escaped: whoever writes a body of its own kind knows how, and JSON is checked.
  const parts = compileParts(template, { body: "untouched" }, component);
  const render = (message: Message) => parts(message).body ?? "";
  if (!isJsonType(content_type)) return render;
  const named = `${component}: template.body`;
  const renderChecked = (message: Message) => checkJson(render(message), named);
  for (const message of PROBES) probe(message, render, renderChecked);
  return renderChecked;
}

function renderJson(message: Message): string {
  return JSON.stringify(messageJson(message));
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
