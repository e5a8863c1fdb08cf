import { createHash } from "node:crypto";

/** The hash of a token, base64url. A fast hash is enough, because 256 random bits cannot be guessed. */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");

/**
 * The token that a workload shows to the gateway of the models. It is derived one-way from the workload's token,
 * so an agent that knows it cannot reach the wire of its session.
 */
export const gatewayTokenOf = (token: string): string => hashOf(`gatehouse gateway\n${token}`);
