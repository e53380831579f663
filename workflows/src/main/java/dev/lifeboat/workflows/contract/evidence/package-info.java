@NullMarked
package dev.lifeboat.workflows.contract.evidence;

import org.jspecify.annotations.NullMarked;
