/** The description of an alert at TheHive, in Markdown. What comes from the alert is never markup. */
import { escapeMarkdown } from "../escape.ts";
import type { Digest, Message } from "../destination.ts";
import { factsOf, linkUrl } from "../facts.ts";
import { clip, clipList, manyLines, oneLine } from "../text.ts";
import { alertLine, originOf } from "../words.ts";

const MAX_ALERTS = 40;
const MAX_VALUE = 80;
/** A text with less room than this is left out. */
const MIN_TEXT = 100;

/** At most `max` characters: facts, links and small print have their room, texts share the rest. */
export function describe(message: Message, max: number): string {
  const { alert, digest } = message;
  const facts = factsInMarkdown(message);
  const end = [linksOf(message), `*${escapeMarkdown(oneLine(originOf(message)))}*`].filter(Boolean);
  const texts = digest
    ? []
    : [alert.reason, alert.description === alert.reason ? null : alert.description];
  const list = digest ? alertsOf(digest) : "";
  const fixed = [facts, list, ...end].filter((part) => part !== "");
  let room = max - fixed.join("\n\n").length;
  const shown = texts.flatMap((text) => {
    const free = room - 2;
    if (!text?.trim() || free < MIN_TEXT) return [];
    const escaped = clip(manyLines(text.trim()), free, escapeMarkdown);
    room -= escaped.length + 2;
    return [escaped];
  });
  return [...shown, ...fixed].join("\n\n");
}

function factsInMarkdown(message: Message): string {
  return factsOf(message, MAX_VALUE)
    .map(({ label, values }) => `- **${label}:** ${values.map(escapeMarkdown).join(", ")}`)
    .join("\n");
}

/** A code block that nothing in it can end. */
function alertsOf({ alerts, total }: Digest): string {
  const lines = clipList(alerts, MAX_ALERTS, alertLine, total);
  return `\`\`\`\n${lines.join("\n").replaceAll("`", "ˋ")}\n\`\`\``;
}

/** The link to the vendor names the host it leads to: the URL comes from the alert. */
function linksOf({ alert, link }: Message): string {
  const own = linkUrl(link);
  const vendor = linkUrl(alert.external.url);
  return [
    own ? `[Open in Tocsin](${target(own)})` : "",
    vendor ? `[Open at ${escapeMarkdown(vendor.host)}](${target(vendor)})` : "",
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** A URL that cannot end the link around it. */
function target({ href }: URL): string {
  return `<${href.replace(/[<>\\]/g, encodeURIComponent)}>`;
}
