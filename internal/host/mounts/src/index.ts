export {
  type Access,
  type AllowedFolder,
  type AllowList,
  parseAllowList,
  withDenied,
  withFolder,
} from "./allow-list.ts";
export {
  addMountsOfGroups,
  changeAllowList,
  explainAllowList,
  mountRuleIn,
  readAllowList,
} from "./allow-list-file.ts";
