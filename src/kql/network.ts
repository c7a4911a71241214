/** IP addresses by network, as `source.ip: "10.0.0.0/8"` asks in Kibana for a field of type ip. */
import { BlockList, isIP, isIPv4 } from "node:net";

/** Whether an address lies in a network; false for what is no address. */
export type Network = (address: string) => boolean;

/** Reads `10.0.0.0/8` or `2001:db8::/32`; undefined when it is no network. */
export function readNetwork(text: string): Network | undefined {
  const slash = text.indexOf("/");
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (slash === -1 || !isIP(address) || !/^\d{1,3}$/.test(bits)) return undefined;
  if (Number(bits) > (isIPv4(address) ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), familyOf(address));
  return (value) => isIP(value) !== 0 && list.check(value, familyOf(value));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
