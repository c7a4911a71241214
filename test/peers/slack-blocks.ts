/**
 * What Slack takes as blocks of a message: https://docs.slack.dev/reference/block-kit/blocks, `block-elements`
 * and `composition-objects` beside it; the sum over all blocks: https://github.com/slackapi/bolt-js/issues/2509.
 * Slack's documentation gives 75 and 150 characters for the value of an option; here it is the smaller.
 */
type Json = Record<string, unknown>;
type Check = (value: unknown) => boolean;

/** The error for these blocks; undefined when there is none. */
export function checkBlocks(blocks: readonly Json[]): string | undefined {
  if (blocks.length > 50 || !blocks.every(isBlock)) return "invalid_blocks";
  return countText(blocks) > 13_200 ? "msg_blocks_too_long" : undefined;
}

function isBlock(block: Json): boolean {
  const { type, fields } = block;
  if (type === "header") return hasOnly(block, { type: isString, text: plainText(150) });
  if (type === "context") return hasOnly(block, { type: isString, elements: list(10, text(3000)) });
  if (type === "actions")
    return hasOnly(block, { type: isString, elements: list(25, isElement) }) && isUnique(block);
  if (type !== "section") return false;
  return fields === undefined
    ? hasOnly(block, { type: isString, text: text(3000) })
    : hasOnly(block, { type: isString, fields: list(10, text(2000)) });
}

function isElement(element: unknown): boolean {
  const { type } = element as Json;
  if (type === "button") return hasOnly(element as Json, BUTTON, ["url", "action_id", "value"]);
  return type === "static_select" && hasOnly(element as Json, SELECT);
}

const isString: Check = (value) => typeof value === "string";
const upTo =
  (max: number): Check =>
  (value) =>
    typeof value === "string" && value.length >= 1 && value.length <= max;

const isUrl: Check = (value) => upTo(3000)(value) && /^https?:\/\//.test(String(value));

const BUTTON: Readonly<Record<string, Check>> = {
  type: isString,
  text: plainText(75),
  url: isUrl,
  action_id: upTo(255),
  value: upTo(2000),
};

const OPTION: Readonly<Record<string, Check>> = { text: plainText(75), value: upTo(75) };

const SELECT: Readonly<Record<string, Check>> = {
  type: isString,
  placeholder: plainText(150),
  action_id: upTo(255),
  options: list(100, (option) => hasOnly(option as Json, OPTION)),
};

/** Every member is known and right, and none is missing but those that may be. */
function hasOnly(
  object: Json,
  members: Readonly<Record<string, Check>>,
  optional: readonly string[] = [],
): boolean {
  return (
    Object.entries(object).every(([name, value]) => members[name]?.(value)) &&
    Object.keys(members).every((name) => name in object || optional.includes(name))
  );
}

/** Slack tells which element was used by its `action_id`. */
function isUnique({ elements }: Json): boolean {
  const ids = (elements as Json[]).flatMap(({ action_id: id }) => (id === undefined ? [] : [id]));
  return new Set(ids).size === ids.length;
}

function plainText(max: number): Check {
  return (object) => text(max)(object) && (object as Json)["type"] === "plain_text";
}

function text(max: number): Check {
  return (object) => {
    const { type, text: value, emoji, verbatim } = (object ?? {}) as Json;
    if (!upTo(max)(value)) return false;
    if (type === "plain_text") return verbatim === undefined;
    return type === "mrkdwn" && emoji === undefined;
  };
}

function list(max: number, check: Check): Check {
  return (value) =>
    Array.isArray(value) && value.length >= 1 && value.length <= max && value.every(check);
}

/** Every text and URL in the blocks counts. */
function countText(part: unknown): number {
  if (typeof part !== "object" || part === null) return 0;
  return Object.entries(part).reduce((sum, [key, value]) => {
    const own = typeof value === "string" && (key === "text" || key === "url") ? value.length : 0;
    return sum + own + countText(value);
  }, 0);
}
