import { OperationNodeTransformer, sql, type DataTypeNode, type KyselyPlugin } from "kysely";

/** Texts are compared and sorted by their bytes, as in SQLite, for any collation of the server. */
class BytewiseTexts extends OperationNodeTransformer {
  protected override transformDataType(node: DataTypeNode): DataTypeNode {
    if (node.dataType !== "text") return node;
    return sql`text collate "C"`.toOperationNode() as unknown as DataTypeNode;
  }
}

const transformer = new BytewiseTexts();

/** Makes every column of texts `collate "C"`. */
export const bytewiseTexts: KyselyPlugin = {
  transformQuery: ({ node, queryId }) => transformer.transformNode(node, queryId),
  transformResult: async ({ result }) => result,
};
