@NullMarked
package dev.lifeboat.workflows.runbook;

import org.jspecify.annotations.NullMarked;
