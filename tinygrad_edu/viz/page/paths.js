// Paths: what lies between a tensor and the loss.

const into = new Map(), outOf = new Map();
data.edges.forEach(([source, target], k) => {
  if (!outOf.has(source)) outOf.set(source, []);
  if (!into.has(target)) into.set(target, []);
  outOf.get(source).push(k), into.get(target).push(k);
});
const root = data.nodes.findLastIndex((node) => node.kind === "loss");
const end = root >= 0 ? root : data.nodes.length - 1;

// Nodes stand in an order in which sources come before targets, so one pass each way finds all.
function pathsFrom(i) {
  const counts = new Map([[i, 1n]]), reached = new Set([end]), edges = new Set();
  for (let at = i; at <= end; at++)
    if (counts.has(at)) for (const k of outOf.get(at) ?? []) {
      const target = data.edges[k][1];
      counts.set(target, (counts.get(target) ?? 0n) + counts.get(at));
    }
  for (let at = end; at >= i; at--)
    if (reached.has(at) && counts.has(at)) for (const k of into.get(at) ?? [])
      if (counts.has(data.edges[k][0])) edges.add(k), reached.add(data.edges[k][0]);
  const nodes = new Set([...reached].filter((at) => counts.has(at)).concat(i));
  return { nodes, edges, count: counts.get(end) ?? 0n };
}

// Every path as a list of edges.
function listed(i, edges) {
  if (i === end) return [[]];
  const onward = (outOf.get(i) ?? []).filter((k) => edges.has(k));
  return onward.flatMap((k) => listed(data.edges[k][1], edges).map((path) => [k, ...path]));
}

// For single numbers: the local derivatives along each path, and their product.
function products(i, { edges, count }) {
  const slope = (k) => state.machine?.slope(k);
  if (i === end || count > MAX_PATHS || edges.size > 200 || ![...edges].every((k) => slope(k) !== undefined)) return [];
  return listed(i, edges).map((path) => {
    const along = [i, ...path.map((k) => data.edges[k][1])].map((at) => data.nodes[at].name).join(" → ");
    const factors = path.map((k) => (slope(k) < 0 && path.length > 1 ? `(${number(slope(k))})` : number(slope(k))));
    const product = path.reduce((x, k) => x * slope(k), 1);
    return `${along}: ${factors.join(" · ")}${path.length > 1 ? ` = ${number(product)}` : ""}`;
  });
}

const MAX_PATHS = 8n;

function trace(i) {
  if (i === null) return picture.trace(null), void ($("paths").hidden = true);
  const found = pathsFrom(i), { nodes, edges, count } = found;
  picture.trace(nodes, edges);
  const [from, to] = [data.nodes[i].name, data.nodes[end].name];
  const sum = count > 1n ? ": its gradient is the sum over all of them" : "";
  const heading = i === end ? `${to} is the end of all paths` : `${count} path${count === 1n ? "" : "s"} from ${from} to ${to}${sum}`;
  const lines = quiz.hidden ? [] : products(i, found);
  $("paths").replaceChildren(...[heading, ...lines].map((line) => Object.assign(document.createElement("span"), { textContent: line })));
  $("paths").hidden = false;
}
