// Elements are described, then made to be so: what stays the same stays the same element, with its focus.
const SVG = "http://www.w3.org/2000/svg";

// h("path", {class: "zone", d}, ...children); false and null are left out; `key` tells siblings apart.
export function h(tag, attributes = {}, ...children) {
  return { tag, attributes, children: told(children) };
}

// Lists in lists are one list; what is not there is left out.
const told = (children) =>
  [children].flat(4).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

function name(node) {
  return typeof node === "string" ? "#text" : `${node.tag} ${node.attributes.key ?? ""}`;
}

function born(node, parent) {
  if (typeof node === "string") return document.createTextNode(node);
  const svg = node.tag === "svg" || (parent.namespaceURI === SVG && parent.localName !== "foreignObject");
  const element = svg ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag);
  element.described = name(node);
  return element;
}

const described = (child) => child.described ?? (child.nodeType === Node.TEXT_NODE ? "#text" : "");

// Make the children of `parent` be `nodes`.
export function patch(parent, nodes) {
  const spare = new Map();
  for (const child of [...parent.childNodes]) {
    const list = spare.get(described(child)) ?? [];
    spare.set(described(child), [...list, child]);
  }
  const wanted = told(nodes);
  const children = wanted.map((node) => spare.get(name(node))?.shift() ?? born(node, parent));
  for (const list of spare.values()) for (const child of list) child.remove(); // first: what stays need not move then
  let place = parent.firstChild;
  children.forEach((child, i) => {
    if (child === place) place = place.nextSibling;
    else parent.insertBefore(child, place);
    if (typeof wanted[i] !== "string") dress(child, wanted[i]);
    else if (child.data !== wanted[i]) child.data = wanted[i];
  });
}

function dress(element, { attributes, children }) {
  for (const { name: held } of [...element.attributes]) if (!(held in attributes)) element.removeAttribute(held);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "key") continue;
    if (key === "value" || key === "checked") property(element, key, value);
    else if (value === null || value === undefined || value === false) element.removeAttribute(key);
    else if (element.getAttribute(key) !== String(value)) element.setAttribute(key, value === true ? "" : value);
  }
  patch(element, children);
  if (element.localName === "select" && "value" in attributes) element.value = attributes.value;
}

// What someone is typing is theirs until they leave the field.
function property(element, key, value) {
  if (element === document.activeElement && key === "value" && element.localName !== "select") return;
  if (element[key] !== value) element[key] = value;
}

export function line(points, closed) {
  if (!points.length) return "";
  return `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}${closed ? "Z" : ""}`;
}

export const round = (value) => Math.round(value * 100) / 100;
