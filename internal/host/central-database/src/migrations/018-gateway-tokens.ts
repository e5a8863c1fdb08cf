import { addGatewayHash } from "@nc/session-db/node";
import type { Migration } from "../migration.ts";

/** The hashes of gateway tokens, by which the gateway knows agents. */
export const gatewayTokens: Migration = { version: 18, name: "gateway-tokens", up: addGatewayHash };
