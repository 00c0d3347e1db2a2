// Included before better-sqlite3's own sources when they are compiled (install.mjs, pkgs/programs.nix).
//
// From Node 24.19 on node::ObjectWrap registers a hook of the environment for each object, and its destructor aborts the
// process where no environment is entered, as in a collection of garbage between two turns of the event loop:
// "Assertion failed: (env) != nullptr". Here it is what it was before; better-sqlite3 closes its databases by a hook of
// its own. To be removed with the first better-sqlite3 that knows no ObjectWrap (13, which needs Node 22).
#pragma once
#include <node.h>
#define AddEnvironmentCleanupHook(...) ((void)0)
#define RemoveEnvironmentCleanupHook(...) ((void)0)
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook
