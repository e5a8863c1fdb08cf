import type { Migration } from "../migration.ts";
import { firstTables } from "./016-first-tables.ts";
import { sessionRows } from "./017-session-rows.ts";
import { gatewayTokens } from "./018-gateway-tokens.ts";
import { usage } from "./019-usage.ts";
import { tools } from "./020-tools.ts";
import { toolQuestions } from "./021-tool-questions.ts";
import { money } from "./022-money.ts";
import { sessionModels } from "./023-session-models.ts";
import { networks } from "./024-networks.ts";

/** All steps of the central database's schema, in order. Add a new one at the end. */
export const migrations: readonly Migration[] = [
  ...[firstTables, sessionRows, gatewayTokens, usage, tools],
  ...[toolQuestions, money, sessionModels, networks],
];

/** The version of a database after all steps. */
export const newestVersion: number = Math.max(...migrations.map(({ version }) => version));
