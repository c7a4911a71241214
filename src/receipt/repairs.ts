/**
 * What the tolerant reader had to do to make sense of a text that is not JSON. The names are
 * shown to operators and kept with the alert.
 */
export type RepairName =
  /** A comma too many: `[1,]`, `{,"a":1}`. */
  | "extra_comma"
  /** No comma between two elements or members: `[{…}{…}]`. */
  | "missing_comma"
  /** Nothing where a value belongs: `{"a":,}`; read as null. */
  | "missing_value"
  /** A value that should be in quotes: `{"severity": high}`. */
  | "unquoted_value"
  /** A `"""block"""`, as Kibana's Console writes long strings. */
  | "triple_quotes"
  /** A quote inside a string without a backslash. */
  | "unescaped_quote"
  /** A backslash that escapes nothing, as in `C:\Windows`; the string's backslashes are literal. */
  | "invalid_escape"
  /** A line break or another control character inside a string. */
  | "control_character"
  /** A container put in quotes without escaping it: `"[{"a":1}]"`; read as the container. */
  | "quoted_json"
  /** `\"` where a quote belongs: an escaped text put in without quotes around it. */
  | "escaped_quotes"
  /** The array around all documents is not closed. */
  | "unclosed_array"
  /** Bytes that are not UTF-8, replaced by U+FFFD. */
  | "invalid_utf8"
  /** A form held fields beside the JSON; they were left out. */
  | "form_fields_ignored";
