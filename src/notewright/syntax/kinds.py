"""What the nodes of each grammar are: definitions, what wraps or holds them, comments, imports."""

from __future__ import annotations

from collections.abc import Mapping

_SCRIPT_DEFINITIONS = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "function_signature": "function",
    "class_declaration": "class",
    "abstract_class_declaration": "class",
    "method_definition": "method",
    "method_signature": "method",
    "abstract_method_signature": "method",
    "interface_declaration": "interface",
    "type_alias_declaration": "type",
    "enum_declaration": "enum",
    "internal_module": "namespace",
    "module": "namespace",
    # these define something where their value is a function or a class
    "variable_declarator": "function",
    "field_definition": "method",
    "public_field_definition": "method",
}
_C_DEFINITIONS = {
    "function_definition": "function",
    "struct_specifier": "struct",
    "union_specifier": "union",
    "enum_specifier": "enum",
    "type_definition": "type",
    "preproc_function_def": "macro",
}
# language → type of a node → kind of the definition
DEFINITIONS: Mapping[str, Mapping[str, str]] = {
    "python": {"function_definition": "function", "class_definition": "class", "type_alias_statement": "type"},
    "javascript": _SCRIPT_DEFINITIONS,
    "typescript": _SCRIPT_DEFINITIONS,
    "tsx": _SCRIPT_DEFINITIONS,
    "go": {"function_declaration": "function", "method_declaration": "method", "type_spec": "type", "type_alias": "type"},
    "rust": {
        "function_item": "function",
        "function_signature_item": "function",
        "struct_item": "struct",
        "union_item": "union",
        "enum_item": "enum",
        "trait_item": "trait",
        "type_item": "type",
        "impl_item": "impl",
        "mod_item": "module",
        "macro_definition": "macro",
    },
    "java": {
        "class_declaration": "class",
        "interface_declaration": "interface",
        "enum_declaration": "enum",
        "record_declaration": "record",
        "annotation_type_declaration": "annotation",
        "method_declaration": "method",
        "constructor_declaration": "method",
        "compact_constructor_declaration": "method",
    },
    "c": _C_DEFINITIONS,
    "cpp": _C_DEFINITIONS
    | {"class_specifier": "class", "namespace_definition": "namespace", "alias_declaration": "type", "concept_definition": "concept"},
}
# A definition may stand inside these, and then begins where they do.
WRAPPERS = frozenset(
    """
    decorated_definition export_statement lexical_declaration variable_declaration ambient_declaration type_declaration
    template_declaration expression_statement declaration
    """.split()
)
# Definitions may stand in these, among other things.
HOLDERS = frozenset(
    """
    module program source_file translation_unit ERROR
    block class_body declaration_list statement_block interface_body enum_body enum_body_declarations annotation_type_body
    field_declaration_list constructor_body object_type
    if_statement elif_clause else_clause try_statement except_clause finally_clause with_statement
    preproc_if preproc_ifdef preproc_else preproc_elif linkage_specification
    """.split()
)
COMMENTS = frozenset(("comment", "line_comment", "block_comment"))
# These stand before a definition, as its siblings, and belong to it.
MARKS = frozenset(("decorator", "attribute_item"))
VALUES = frozenset(("arrow_function", "function_expression", "generator_function", "class"))
IMPORTS = frozenset(
    """
    import_statement import_from_statement future_import_statement import_spec use_declaration extern_crate_declaration
    import_declaration preproc_include using_declaration
    """.split()
)
