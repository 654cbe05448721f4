# Where our tools are; sourced from the root by every script. QUOTA_AWARE_TOOLS names another folder.
export QUOTA_AWARE_TOOLS=${QUOTA_AWARE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/quota-aware-api/tools}
export PATH="$PWD/node_modules/.bin:$QUOTA_AWARE_TOOLS/bin:$PATH"
