/** Reading a file of `NAME=value` lines as systemd reads an EnvironmentFile, systemd.exec(5). */

/** The variables in a text; lines that are none are left out. */
export function parseEnvFile(text: string): Record<string, string> {
  const lines = text.replaceAll("\\\n", "").split("\n");
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, unquote(value.trim())]];
    }),
  );
}

function unquote(value: string): string {
  const [, quote, inner = ""] = /^(["'])(.*)\1$/s.exec(value) ?? [];
  if (quote === undefined) return value;
  return quote === '"' ? inner.replace(/\\(["\\$`])/g, "$1") : inner;
}
