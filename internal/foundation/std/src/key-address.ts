/** Why no key may be sent to an address: the rest of a sentence. Null if one may. */
export const keyAddressProblem = (text: string): string | null => {
  if (!URL.canParse(text)) return "is not a URL";
  const { protocol, hostname, username, password, search, hash } = new URL(text);
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
