"""What the page does in the browser before and after a question, in JavaScript."""

# A question that was chosen in another tab is answered in this one.
BEGIN = """(...given) => {
  document.documentElement.dataset.asking = '';
  document.querySelector('#tabs [role=tab][aria-selected=false]:first-child')?.click();
  return given;
}"""
# What stands in the box is kept until it is answered, and whatever is typed meanwhile.
BEGIN_FROM_BOX = """(...given) => {
  document.documentElement.dataset.asking = given[0] ?? '';
  document.querySelector('#where .label-wrap.open')?.click();  // room for the answer
  return given;
}"""
STOP = "() => { delete document.documentElement.dataset.asking; return []; }"
# The newest answer's beginning is where reading goes on; beside it, where there is room, it is
# shown where it stands, and the focus stays in the question box.
END = """() => {
  const about = document.documentElement.dataset, asked = (about.asking ?? '').trim();
  delete about.asking;
  const newest = document.querySelector('#newest');
  const box = document.querySelector('#question textarea');
  const answered = newest?.querySelector('.asked q')?.textContent.trim();
  if (box && asked && asked === answered && asked === box.value.trim()) {
    box.value = '';
    box.dispatchEvent(new Event('input', {bubbles: true}));
  }
  if ('next' in about) {
    delete about.next;
    if (box?.value.trim()) setTimeout(() => document.querySelector('#ask').click(), 0);
    return;
  }
  if (!newest?.childElementCount) return;
  const carried = document.querySelector('#carried-over');
  (carried?.offsetParent ? carried : newest).scrollIntoView({block: 'start'});
  const read = newest.querySelector('.card:not(.not-there) button[data-do="read"]');
  if (innerWidth >= 1024 && read) read.click();
  else document.querySelector('.source .close')?.click();  // it is another question's
}"""
# Who asks once more while a question is being answered is asked next.
REMEMBER_NEXT = """
const ask = (event, wanted) => {
  const about = document.documentElement.dataset;
  const box = document.querySelector('#question textarea');
  if (wanted && 'asking' in about && box?.value.trim() !== about.asking.trim()) about.next = '';
};
document.addEventListener('keydown', (event) => ask(event,
  event.key === 'Enter' && !event.shiftKey && event.target.closest('#question')), true);
document.addEventListener('click', (event) => ask(event, event.target.closest('#ask')), true);
"""
# What was asked before stands above the box, in which one goes on.
TO_BOX = """() => {
  if (document.querySelector('#earlier details'))
    document.querySelector('#asking')?.scrollIntoView({block: 'end'});
}"""
