// Runs before anything is drawn, so that nobody who has chosen dark sees a white page first. The choice is all that is kept.
try {
  const chosen = localStorage.getItem('quota-aware-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch { /* a page without storage follows the system */ }
