// The declarations, walked: every item that an editor can show, with what is said of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ts } from './compilers.js';
import { PACKAGE } from './consumer.js';

/** The declarations of an entry, parsed. */
export function parsed(entry) {
  const file = `${entry}.d.ts`;
  return ts.createSourceFile(file, readFileSync(join(PACKAGE, 'dist', file), 'utf8'), ts.ScriptTarget.Latest, true);
}

/**
 * Every exported declaration, and every member of one, however deep.
 * @typedef {{ path: string, name: string, node: object, said: string, around: string, narrows: boolean }} Item `said`: its comment,
 *   tags included; `around`: those of whatever it stands in; `narrows`: it says more of an item that is described elsewhere
 * @returns {Item[]}
 */
export function itemsOf(source) {
  const items = [];
  const visit = (node, path, around, narrows) => {
    // What a conditional type is held against is a pattern of the host's, not an item of ours.
    if (node.parent && ts.isConditionalTypeNode(node.parent) && node === node.parent.extendsType) return;
    let inside = [path, around, narrows || isNarrowing(node)];
    if (isItem(node)) {
      const name = nameOf(node);
      const said = commentOf(node) || parameterTag(node, name);
      items.push({ path: path ? `${path}.${name}` : name, name, node, said, around, narrows });
      inside = [path ? `${path}.${name}` : name, `${around}\n${said}`, narrows];
    }
    ts.forEachChild(node, (child) => visit(child, ...inside));
  };
  visit(source, '', '', false);
  return items;
}

/** The names of all types that callers hand in: those of parameters, and what these refer to; not what callbacks are given. */
export function inputsOf(source) {
  const byName = new Map(source.statements.filter(({ name }) => name).map((statement) => [statement.name.text, statement]));
  const found = new Set();
  const refer = (node) => {
    if (ts.isFunctionTypeNode(node)) return;
    const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
    const target = name && byName.get(name.getText());
    // A class is made by us, wherever it is handed in again.
    if (target && !ts.isClassDeclaration(target) && !found.has(target.name.text)) {
      found.add(target.name.text);
      ts.forEachChild(target, refer);
    }
    ts.forEachChild(node, refer);
  };
  const visit = (node) => {
    if (ts.isFunctionTypeNode(node)) return;
    if (ts.isParameter(node) && node.type) refer(node.type);
    ts.forEachChild(node, visit);
  };
  source.statements.filter((statement) => ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)).forEach(visit);
  return found;
}

/** The words of an exported union of strings, each with the comment before it; undefined for other types. */
export function wordsOf(alias) {
  if (!ts.isUnionTypeNode(alias.type) || !alias.type.types.every(isWord)) return undefined;
  const text = alias.getSourceFile().text;
  return alias.type.types.map((type) => {
    // A comment stands before the bar before the word, and nothing else between.
    const before = text.slice(alias.type.pos, text.lastIndexOf('|', type.getStart()));
    return { word: type.literal.text, said: /\/\*\*((?:(?!\*\/)[^])*)\*\/\s*$/.exec(before)?.[1].trim() ?? '' };
  });
}

function isItem(node) {
  return [ts.isInterfaceDeclaration, ts.isClassDeclaration, ts.isTypeAliasDeclaration, ts.isFunctionDeclaration, ts.isVariableDeclaration,
    ts.isPropertySignature, ts.isPropertyDeclaration, ts.isMethodSignature, ts.isMethodDeclaration, ts.isConstructorDeclaration,
    ts.isGetAccessor, ts.isSetAccessor].some((is) => is(node));
}

function nameOf(node) {
  return node.name ? node.name.getText().replace(/^'|'$/g, '') : 'constructor';
}

function commentOf(node) {
  return ts.getJSDocCommentsAndTags(node).filter((part) => ts.isJSDoc(part)).map((comment) => comment.getText()).join('\n').replace(/^\s*\/?\*+\/?/gm, '').replace(/\*\/$/, '').trim();
}

/** What `@param options.model` of a function says of a member that stands in the type of its parameter `options`. */
function parameterTag(node, name) {
  let at = node;
  while (at && !ts.isParameter(at)) at = at.parent;
  const own = at && new RegExp(`@param ${at.name.getText()}\\.${name} (.+)`).exec(commentOf(at.parent));
  return own ? own[1] : '';
}

/** `Named & { … }` as a parameter: what is in the braces was described with `Named`, and is only told apart here. */
function isNarrowing(node) {
  return ts.isIntersectionTypeNode(node) && node.types.some((type) => ts.isTypeReferenceNode(type)) && ts.isParameter(node.parent);
}

function isWord(type) {
  return ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal);
}
