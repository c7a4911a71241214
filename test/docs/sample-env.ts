/** Values for the environment variables that a configuration refers to. */

const REFERENCE = /\$\{env:(\w+)\}/g;

/** A value for every `${env:NAME}` in a text, of the form that its name suggests. */
export function sampleEnv(text: string): Record<string, string> {
  const names = [...text.matchAll(REFERENCE)].map(([, name = ""]) => name);
  return Object.fromEntries(names.map((name) => [name, sampleValue(name)]));
}

function sampleValue(name: string): string {
  if (/WEBHOOK|URL/.test(name)) return "https://hooks.slack.example/services/T0/B0/c0";
  if (/SIGNING/.test(name))
    return `whsec_${Buffer.from("a key for the guides, 32 bytes..").toString("base64")}`;
  return `sample-value-of-${name.toLowerCase().replaceAll("_", "-")}`;
}
