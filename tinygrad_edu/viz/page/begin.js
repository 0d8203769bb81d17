// All is there: fill the controls, and show the step in the address.

for (const name of new Set(data.nodes.map((node) => node.name))) {
  const option = document.createElement("option");
  option.value = name;
  $("names").append(option);
}
$("slider").max = data.steps.length - 1;
$("modules").hidden = $("modules").disabled = !modules.boxes.length;
modules.changed = () => {
  toggle("modules", modules.folded.size > 0);
  mark(data.steps[state.step]);
};
$("backward").disabled = way < 0;
for (const id of ["play", "slider", "quiz"]) $(id).disabled = data.steps.length < 2;
if (way >= 0) {
  const span = (name, words) => Object.assign(document.createElement("span"), { className: name, textContent: words });
  $("key").append(span("upstream", "■ gradient from above"), " × ", span("factor", "■ local derivative"), " = gradient of the input. ");
}
$("key").append(
  data.steps.length < 2
    ? "Keys: F fit, + − zoom, / find. Hover a card for its paths."
    : "Keys: ← → step, space play, B way back, F fit, / find, Q quiz. Hover a card for its paths; click it for its step.",
);
const quiz = new Quiz();
theme(data.theme);
show(stepOf(location.hash), { calm: true });
