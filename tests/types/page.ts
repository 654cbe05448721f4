// What is right in a page, and nowhere else: the dashboard.
import { QuotaAwareAPI } from 'quota-aware-api';
import { MESSAGES, QuotaDashboard, defineDashboard } from 'quota-aware-api/dashboard';
import type { DashboardTexts } from 'quota-aware-api/dashboard';

defineDashboard();
defineDashboard('my-keys');
const element = document.createElement('my-keys') as QuotaDashboard;
element.api = new QuotaAwareAPI(['AIzaFake']);
element.url = '/status';
element.token = null;
element.projector = true;
const texts: DashboardTexts = { ...MESSAGES };
element.messages = texts;
document.body.append(element);
