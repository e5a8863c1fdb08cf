import { vendorNames, vendors, type VendorName } from "./vendors.ts";

/** The address of each vendor, which the operator may set. */
export type Upstreams = Readonly<Record<VendorName, URL>>;

export const defaultUpstreams: Upstreams = {
  anthropic: new URL(vendors.anthropic.defaultUrl),
  openai: new URL(vendors.openai.defaultUrl),
};

/** `anthropic=URL`, parsed; a text is the reason for a refusal. */
export const parseUpstream = (text: string): Partial<Upstreams> | string => {
  const [name, url] = [text.slice(0, text.indexOf("=")), text.slice(text.indexOf("=") + 1)];
  const vendor = vendorNames.find((each) => each === name);
  if (vendor === undefined) return `Write ${vendorNames.map((each) => `${each}=URL`).join(" or ")}.`;
  const problem = URL.canParse(url) ? urlProblem(new URL(url)) : "is not a URL";
  return problem === null ? { [vendor]: new URL(url) } : `The address of ${vendor} ${problem}.`;
};

const urlProblem = ({ protocol, hostname, username, password, search, hash }: URL): string | null => {
  if (username !== "" || password !== "")
    return "has a password, which every account can read in the arguments";
  if (search !== "" || hash !== "") return "has a query or a fragment";
  if (protocol === "https:") return null;
  if (protocol !== "http:") return "is neither https nor http";
  return isLoopback(hostname) ? null : "is http, which is allowed for this machine only; use https";
};

/** Names that never leave the machine. The key would be readable on the way to any other host. */
const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);

/** The address of a path at a vendor. The address of the operator may have a path of its own. */
export const upstreamUrl = (upstreams: Upstreams, vendor: VendorName, path: string): URL => {
  const base = upstreams[vendor];
  return new URL(`${base.origin}${base.pathname.replace(/\/$/, "")}${path}`);
};
