<?php
/**
 * From a post to what the service calls an item.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Post;

defined( 'ABSPATH' ) || exit;

/** The fields of POST /v1/items; see docs/api.md. */
final class Item {

	/** The item of a stored post. */
	public static function of_post( WP_Post $post ) {
		return self::of( $post->ID, $post->to_array() );
	}

	/**
	 * The item of a post that may not be stored yet: $post_id is 0 then.
	 *
	 * @param int   $post_id The post.
	 * @param array $post    Fields as WP_Post has them, without slashes.
	 */
	public static function of( $post_id, array $post ) {
		$item = array(
			'id'         => $post_id ? self::id( $post_id ) : Settings::get( 'source' ) . '-' . wp_generate_uuid4(),
			'title'      => html_entity_decode( wp_strip_all_tags( $post['post_title'] ?? '' ), ENT_QUOTES | ENT_HTML5, 'UTF-8' ),
			'body'       => self::body( $post['post_content'] ?? '' ),
			'media_type' => 'text/html',
			'source'     => Settings::get( 'source' ),
			'language'   => get_bloginfo( 'language' ),
		);
		$published = $post['post_date_gmt'] ?? '';
		if ( '' !== $published && '0000-00-00 00:00:00' !== $published ) {
			$item['published'] = str_replace( ' ', 'T', $published ) . 'Z';
		}
		if ( $post_id ) {
			$item += self::whereabouts( $post_id );
		}
		/**
		 * Filters the item that is sent to copytaster, e.g. to add fields that a site keeps in post meta to its body.
		 *
		 * @param array $item    Fields of POST /v1/items.
		 * @param int   $post_id The post, or 0 before it is stored.
		 */
		return apply_filters( 'copytaster_item', $item, $post_id );
	}

	/** A name for the words of an item: it changes when title or text do. */
	public static function digest( array $item ) {
		return hash( 'sha256', $item['title'] . "\n" . $item['body'] );
	}

	/** The id that the service knows a post by; it stays although the site is given another name. */
	public static function id( $post_id ) {
		$stored = get_post_meta( $post_id, '_copytaster_item', true );
		return $stored ? (string) $stored : Settings::get( 'source' ) . '-' . $post_id;
	}

	/** Markup as a reader gets it, so far as that needs no theme: patterns are filled in, of shortcodes stays what they enclose. */
	private static function body( $content ) {
		$body = self::without_shortcodes( self::with_patterns( $content, array() ) );
		return has_blocks( $content ) ? $body : wpautop( $body );
	}

	/**
	 * Content with the text of its reusable blocks, which else would be a place to hide a copy in. WordPress's own parser finds
	 * them: there is more than one way to write them.
	 *
	 * @param string $content Markup with blocks.
	 * @param int[]  $within  The reusable blocks in which it stands.
	 */
	private static function with_patterns( $content, array $within ) {
		return implode( '', array_map( function ( array $block ) use ( $within ) { return self::block( $block, $within ); }, parse_blocks( $content ) ) );
	}

	/** One block with all that stands in it. */
	private static function block( array $block, array $within ) {
		if ( 'core/block' === $block['blockName'] ) {
			return self::pattern( $block['attrs'], $within );
		}
		$markup = '';
		$inner  = 0;
		foreach ( $block['innerContent'] as $piece ) {
			$markup .= is_string( $piece ) ? $piece : self::block( $block['innerBlocks'][ $inner++ ], $within );
		}
		return $markup;
	}

	/** A reusable block, and the words that this use of it has in place of its own. */
	private static function pattern( array $attributes, array $within ) {
		$id      = (int) ( $attributes['ref'] ?? 0 );
		$pattern = in_array( $id, $within, true ) ? null : get_post( $id );
		if ( 0 === $id || ! $pattern || 'wp_block' !== $pattern->post_type ) {
			return '';
		}
		$markup = self::with_patterns( $pattern->post_content, array_merge( $within, array( $id ) ) );
		$own    = (array) ( $attributes['content'] ?? array() );
		array_walk_recursive(
			$own,
			function ( $words ) use ( &$markup ) {
				$markup .= is_string( $words ) ? "<p>$words</p>" : '';
			}
		);
		return $markup;
	}

	/** Content without shortcodes, but with what they enclose, which readers get: strip_shortcodes() would take that away too. */
	private static function without_shortcodes( $content ) {
		if ( false === strpos( $content, '[' ) || ! $GLOBALS['shortcode_tags'] ) {
			return $content;
		}
		$without = preg_replace_callback(
			'/' . get_shortcode_regex() . '/s',
			function ( $found ) {
				$is_escaped = '[' === $found[1] && ']' === $found[6];
				return $is_escaped ? substr( $found[0], 1, -1 ) : $found[1] . self::without_shortcodes( $found[5] ) . $found[6];
			},
			$content
		);
		return null === $without ? $content : $without;
	}

	/** Address and section of a stored post. */
	private static function whereabouts( $post_id ) {
		$found     = array();
		$permalink = get_permalink( $post_id );
		if ( $permalink ) {
			$found['url'] = $permalink;
		}
		$categories = get_the_category( $post_id );
		if ( $categories ) {
			$found['section'] = $categories[0]->slug;
		}
		return $found;
	}
}
