// The sum of each level's weights, as they are typed.
const levels = [...document.querySelectorAll("[data-sum]")];
function sum(level) {
  const inputs = [...document.querySelectorAll(`input[data-level="${level.dataset.sum}"]`)];
  const kept = inputs.filter((input) => !input.closest("tr")?.querySelector("input[type=checkbox][name^='x_']")?.checked);
  const total = Math.round(kept.reduce((all, input) => all + (Number(input.value) || 0), 0) * 100) / 100;
  const away = Math.round((100 - total) * 100) / 100;
  level.textContent = away === 0 ? "权重合计 100" : `权重合计 ${total}，${away > 0 ? "还差" : "多出"} ${Math.abs(away)}`;
  level.classList.toggle("tx-error", away !== 0);
}
const all = () => levels.forEach(sum);
document.addEventListener("input", all);
document.addEventListener("change", all);
all();
