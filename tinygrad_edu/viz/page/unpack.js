// A large page comes packed: the picture, the names and the data are put in their places, then the script runs.

(async () => {
  const $ = (id) => document.getElementById(id);
  const bytes = Uint8Array.from(atob($("packed").textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { picture, names, data } = JSON.parse(await new Response(stream).text());
  $("camera").innerHTML = picture;
  $("names-in-formulas").innerHTML = names;
  $("data").textContent = data;
  const script = document.createElement("script");
  script.textContent = $("code").textContent;
  document.body.append(script);
})();
