package dev.lifeboat.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** Reads one YAML file into a tree that remembers line numbers. What it says about a broken file quotes none of it. */
final class YamlFile {

    private static final int LARGEST = 1 << 20;
    private static final int LONGEST_PROBLEM = 300;

    private YamlFile() {}

    static MappingNode read(Path file) {
        Node root = compose(file, text(file));
        if (root instanceof MappingNode mapping) {
            return mapping;
        }
        if (root == null) {
            throw new ConfigException("cannot use " + file + ": it is empty", "see lifeboat.yaml in the documentation");
        }
        throw new ConfigException(
                "cannot use " + file + ": it must be a list of 'key: value' lines, and begins with something else",
                "see lifeboat.yaml in the documentation");
    }

    private static String text(Path file) {
        if (Files.isDirectory(file)) {
            throw new ConfigException("cannot read " + file + ": it is a folder", "name the file in it");
        }
        try {
            if (Files.size(file) > LARGEST) {
                throw new ConfigException("cannot use " + file + ": it is larger than 1 MiB", "is it the right file?");
            }
            byte[] bytes = Files.readAllBytes(file);
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new ConfigException("cannot use " + file + ": it is not UTF-8 text", "is it the right file?");
        } catch (IOException e) {
            throw new ConfigException(
                    "cannot read " + file + ": " + (Files.exists(file) ? "this user may not" : "there is no such file"),
                    "name it with '--config F'; './lifeboat lab up' writes one to try things with");
        }
    }

    private static Node compose(Path file, String text) {
        try {
            return new Yaml(new LoaderOptions()).compose(new StringReader(text));
        } catch (MarkedYAMLException e) {
            String where = e.getProblemMark() == null
                    ? ""
                    : "line " + (e.getProblemMark().getLine() + 1) + ", column "
                            + (e.getProblemMark().getColumn() + 1) + ": ";
            throw notYaml(file, where + harmless(e.getProblem()));
        } catch (YAMLException e) {
            throw notYaml(file, "it holds a character that YAML does not allow, or is nested too deeply");
        }
    }

    /** An undefined alias may be a password that begins with an asterisk. */
    private static String harmless(String problem) {
        if (problem == null) {
            return "it cannot be read here";
        }
        if (problem.startsWith("found undefined alias")) {
            return "a value that begins with * needs quotes";
        }
        String printable = problem.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]+", " ");
        return printable.length() <= LONGEST_PROBLEM ? printable : printable.substring(0, LONGEST_PROBLEM) + "...";
    }

    private static ConfigException notYaml(Path file, String why) {
        return new ConfigException(
                "cannot use " + file + ": it is not YAML: " + why, "check indentation and quotes around that place");
    }
}
