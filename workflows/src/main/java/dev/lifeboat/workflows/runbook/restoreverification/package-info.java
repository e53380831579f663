@NullMarked
package dev.lifeboat.workflows.runbook.restoreverification;

import org.jspecify.annotations.NullMarked;
