/** The body of a webhook: JSON of our own or the configuration's Liquid template. */
import { fail } from "../../errors.ts";
import { compileTemplate } from "../../template/template.ts";
import type { Message } from "../destination.ts";
import { PROBE } from "./probe.ts";

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
  const render = ({ alert, key, link, test }: Message) =>
    template.render({ alert, key, link, test });
  if (!isJsonType(options.content_type)) return render;
  const renderChecked = (message: Message) => checkJson(render(message), component);
  probe(render, renderChecked);
  return renderChecked;
}

function renderJson({ alert, key, link, test }: Message): string {
  return JSON.stringify({ type: test ? "test" : "alert", key, alert, link });
}

/** What a template refuses of the probe it may accept of an alert; only broken JSON is final. */
function probe(render: (message: Message) => string, check: (message: Message) => string): void {
  try {
    render(PROBE);
  } catch {
    return;
  }
  check(PROBE);
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
