export { isSignInToken } from "../rules/vendors.ts";
export { keyByCommand, vendorKeyProblem } from "./run-command.ts";
export { type Secret, type SecretsError, secretFor, vendorKeys } from "./secrets-file.ts";
