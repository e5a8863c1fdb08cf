import { z } from "zod";
import { addressParts, isSecretPiece, pieceOf } from "../secrets/address-parts.ts";
import { shaped } from "./texts.ts";

const address = shaped(
  /^https?:\/\/(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?(?:[/?#][!-~]{0,2048})?$/,
  "an address, such as https://tools.example/mcp, with no password in it",
);

const secretIn = (where: string): string =>
  `has what looks like a secret in its ${where}: leave it out, and name a secret of the host in secret headers`;

/**
 * The address of an MCP server. Everyone who sees the configuration sees the address, so it may hold no
 * secret.
 */
export const mcpAddress: z.ZodType<string> = address.superRefine((url, context) => {
  const problem = problemOf(url);
  if (problem !== null) context.addIssue(problem);
});

const problemOf = (url: string): string | null => {
  const parts = addressParts(url);
  const host = hostOf(url);
  if (parts === null || host === null) return "is not an address, such as https://tools.example/mcp";
  if (url.startsWith("http:") && !isThisMachine(host))
    return "is plain http to another machine: use https, or http to localhost, 127.0.0.1 or [::1]";
  if (parts.fragment !== "")
    return "has a # part, which no server is sent: leave it out, and name a secret of the host in secret headers";
  if (parts.query.slice(1).split(/[&;]/u).map(pieceOf).some(isSecretPiece)) return secretIn("query");
  return parts.path.split(/[/;]/u).map(pieceOf).some(isSecretPiece) ? secretIn("path") : null;
};

/** The host that a client will talk to. IPv4 in any notation becomes four decimal numbers. */
const hostOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).hostname : null);

const isThisMachine = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/u.test(host);
