// The draft: what would be saved, and the way back. Pure: a state and an action make the next state.
const MOST = 200; // steps back

// `kept` is what undo restores: the document, and the points that were left out of it, by camera.
export function begin(document, basedOn) {
  return { kept: { document, aside: {} }, base: document, basedOn, past: [], future: [], joined: null };
}

const steps = {
  // `join`: consecutive changes of the same name, such as the moves of one drag, are one step back.
  change(state, { kept, join = null }) {
    if (same(kept, state.kept)) return state;
    const more = join !== null && join === state.joined;
    const past = more ? state.past : [...state.past, state.kept].slice(-MOST);
    return { ...state, kept: { ...state.kept, ...kept }, past, future: [], joined: join };
  },
  settle: (state) => ({ ...state, joined: null }),
  undo(state) {
    if (!state.past.length) return state;
    const past = [...state.past];
    const kept = past.pop();
    return { ...state, kept, past, future: [state.kept, ...state.future], joined: null };
  },
  redo(state) {
    if (!state.future.length) return state;
    const [kept, ...future] = state.future;
    return { ...state, kept, past: [...state.past, state.kept], future, joined: null };
  },
  begin: (_, { document, basedOn }) => begin(document, basedOn),
  // Another version came in between: the draft goes on upon it, and may still be undone.
  rebase(state, { document, base, basedOn }) {
    const kept = { ...state.kept, document };
    return { kept, base, basedOn, past: [...state.past, state.kept], future: [], joined: null };
  },
};

function same(a, b) {
  return Object.keys(a).every((key) => a[key] === b[key]);
}

export function reduce(state, action) {
  return steps[action.type](state, action);
}
