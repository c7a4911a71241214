/** A message for a chat: what there is to say, and what the configuration says in its place. */
import { contentOf, quiet, quietContent, type Content } from "./content.ts";
import type { Message } from "./destination.ts";
import { compileParts } from "./parts.ts";

/** The parts of a message that every chat lets the configuration word. */
type Part = "title" | "text";
export type Templates = Partial<Record<Part, string | undefined>> | undefined;
/** Those that it does word, rendered. */
export type Own = Partial<Record<Part, string>>;

export interface ChatOptions {
  readonly templates: Templates;
  /** Named in errors: `destination soc`. */
  readonly component: string;
  /** Makes a text harmless in the chat's markup. */
  readonly escape: (text: string) => string;
  /** Makes a URL harmless where it stands in the markup. */
  readonly link: (url: string) => string;
  /** Longest value of a template, in characters. */
  readonly maxValue: number;
  /** Longest URL of a link, in characters. */
  readonly maxUrl?: number;
}

export interface Said {
  /** No text of it is made a link or a mention by the chat itself. */
  readonly content: Content;
  readonly own: Own;
}

/** Makes the function that says what a message is about. Throws TEMPLATE_INVALID. */
export function compileChat(options: ChatOptions): (message: Message) => Said {
  const { templates, component, escape, link, maxValue, maxUrl } = options;
  const escaping = { text: (text: string) => escape(quiet(text)), link, max: maxValue };
  const parts = compileParts(templates, { title: escaping, text: escaping }, component);
  return (message) => ({ content: quietContent(contentOf(message, maxUrl)), own: parts(message) });
}
